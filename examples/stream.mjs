// A paragraph while it is written: node stream.mjs photo.jpg
import { createCaptioner } from 'flocap'

const captioner = await createCaptioner()
try {
  const stream = captioner.stream(process.argv[2])
  for await (const piece of stream) process.stdout.write(piece)
  const { confidence } = await stream.answer
  console.log(`\n(${Math.round(100 * confidence)} % sure)`)
} finally {
  await captioner.close()
}
