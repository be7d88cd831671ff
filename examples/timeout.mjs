// A caption within five seconds, or none: node timeout.mjs photo.jpg
import { createCaptioner, FlocapError } from 'flocap'

const captioner = await createCaptioner()
try {
  const signal = AbortSignal.timeout(5_000)
  const { text } = await captioner.caption(process.argv[2], 'caption', { signal })
  console.log(text)
} catch (error) {
  if (error instanceof FlocapError) console.error(error.code, error.message, error.hint ?? '')
  else if (error.name === 'TimeoutError') console.error('It took too long.')
  else throw error
  process.exitCode = 1
} finally {
  await captioner.close()
}
