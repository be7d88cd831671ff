// transformers.js behind the benchmark's protocol; see ../../contender.mjs.
//   node runner.mjs FOLDER DTYPE
import { createInterface } from 'node:readline'
import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import {
  AutoProcessor,
  AutoTokenizer,
  env,
  Florence2ForConditionalGeneration,
  RawImage,
} from '@huggingface/transformers'

const [folder, dtype] = process.argv.slice(2)
env.allowRemoteModels = false
env.localModelPath = `${dirname(folder)}/`
const name = basename(folder)

const options = { local_files_only: true }
const model = await Florence2ForConditionalGeneration.from_pretrained(name, { ...options, dtype })
const processor = await AutoProcessor.from_pretrained(name, options)
const tokenizer = await AutoTokenizer.from_pretrained(name, options)
console.log(JSON.stringify({ ready: true }))

async function caption({ picture, tokens, beams }) {
  const image = await RawImage.fromBlob(new Blob([readFileSync(picture)]))
  const vision = await processor(image)
  const prompts = processor.construct_prompts('<MORE_DETAILED_CAPTION>')
  const text = tokenizer(prompts)
  const ids = await model.generate({
    ...text,
    ...vision,
    max_new_tokens: tokens,
    num_beams: beams,
    do_sample: false,
  })
  const [answer] = tokenizer.batch_decode(ids, { skip_special_tokens: true })
  return { tokens: ids.dims[1] - 1, text: answer }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, ...request } = JSON.parse(line)
  void caption(request).then(
    (result) => console.log(JSON.stringify({ id, ...result })),
    (error) => console.log(JSON.stringify({ id, error: String(error) })),
  )
}
