// A folder to JSON lines, several pictures at a time: node folder-to-jsonl.mjs photos > captions.jsonl
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createCaptioner } from 'flocap'

const folder = process.argv[2]
const files = (await readdir(folder))
  .filter((name) => /\.(?:jpe?g|png|webp)$/i.test(name))
  .toSorted()
const captioner = await createCaptioner()
try {
  const results = captioner.batch(files, {
    picture: (name) => join(folder, name),
    asks: ['caption'],
  })
  for await (const { item, answers, error } of results) {
    if (error) console.error(`${item}: ${error.message}`)
    else console.log(JSON.stringify({ file: item, caption: answers[0].text }))
  }
} finally {
  await captioner.close()
}
