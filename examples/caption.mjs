// One caption: node caption.mjs photo.jpg
import { createCaptioner } from 'flocap'

const captioner = await createCaptioner()
try {
  const { text, model } = await captioner.caption(process.argv[2])
  console.log(model.demo ? `(demo model) ${text}` : text)
} finally {
  await captioner.close()
}
