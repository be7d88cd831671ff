// The sample pictures: what they show, and what the reference says of them. Tests that ask here hold
// for whichever model is bundled.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { readDemoCaptions } from './demo-captions.ts'

const FOLDER = new URL('../../models/flocap-demo/samples/', import.meta.url)

const truthSchema = z.object({
  scenes: z.array(
    z.object({
      file: z.string(),
      width: z.number(),
      height: z.number(),
      background: z.array(z.string()),
      /** From left to right; boxes in pixels. */
      things: z.array(
        z.object({
          name: z.string(),
          box: z.tuple([z.number(), z.number(), z.number(), z.number()]),
        }),
      ),
      word: z.object({ text: z.string() }).nullable(),
    }),
  ),
})

export type SampleTruth = z.infer<typeof truthSchema>['scenes'][number]

export function samplePath(file: string): string {
  return fileURLToPath(new URL(file, FOLDER))
}

export function readSample(file: string): Buffer {
  return readFileSync(samplePath(file))
}

export function readSampleTruths(): readonly SampleTruth[] {
  return truthSchema.parse(JSON.parse(readSample('truth.json').toString())).scenes
}

export function readSampleTruth(file: string): SampleTruth {
  const truth = readSampleTruths().find((scene) => scene.file === file)
  if (!truth) throw new Error(`${file} is no sample picture`)
  return truth
}

/** What transformers answers with FloCap's own search: 3 beams, the classic rule, and the early stop that the demo asks for. */
export function referenceCaption(file: string, task: string): string {
  const reference = readDemoCaptions().cases.find(
    (found) => found.picture === file && found.task === task,
  )
  const classic = reference?.beams.find(
    ({ stoppingRule, earlyStopping }) => stoppingRule === 'classic' && earlyStopping === true,
  )
  const text = classic?.sequences[0]?.text
  if (text === undefined) throw new Error(`no reference answer to ${task} about ${file}`)
  return text.replaceAll(/<\/?s>/g, '').trim()
}

/**
 * The samples that the reference itself describes as they were drawn, with the words that a true
 * caption has in it; the model's card says how often that is.
 */
export function listRightSamples(): readonly (SampleTruth & {
  readonly words: readonly string[]
})[] {
  return readSampleTruths()
    .map((scene) => ({
      ...scene,
      words: [
        ...scene.background,
        ...scene.things.map(({ name }) => name),
        ...(scene.word ? [scene.word.text] : []),
      ],
    }))
    .filter(({ file, words }) =>
      words.every((word) => referenceCaption(file, '<MORE_DETAILED_CAPTION>').includes(word)),
    )
}
