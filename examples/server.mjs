// A FloCap that runs already answers, so no second model is loaded: node server.mjs photo.jpg
import { createCaptioner } from 'flocap'

const server = process.env.FLOCAP_SERVER ?? 'http://127.0.0.1:5000'
const captioner = await createCaptioner({ server })
try {
  const { text } = await captioner.caption(process.argv[2])
  console.log(text)
} finally {
  await captioner.close()
}
