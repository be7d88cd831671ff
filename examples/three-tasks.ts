// Three answers for one look at the picture, each with its own type: node three-tasks.ts photo.jpg
// (Node 23.6 or newer runs TypeScript as it is.)
import { createCaptioner } from 'flocap'

const captioner = await createCaptioner()
try {
  const picture = process.argv[2] ?? ''
  const [caption, objects, text] = await captioner.ask(picture, ['caption', 'od', 'ocr'])
  console.log(caption.text)
  for (const { label, box, score } of objects.data.boxes) console.log(label, box, score)
  console.log(text.data.text)
} finally {
  await captioner.close()
}
