// Captions a picture that comes with FloCap and compares the answer with the reference's: every part
// from the picture's bytes to the text has to work for that.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { toFlocapError } from '../../base/errors.ts'
import type { Settings } from '../../config/settings.ts'
import { BUNDLED_SOURCE } from '../model-source.ts'
import { startLocalCaptioner } from '../start-app.ts'
import type { Finding } from './finding.ts'

const SAMPLES_FOLDER = join(BUNDLED_SOURCE.folder, 'samples')
const TASK_TOKEN = '<MORE_DETAILED_CAPTION>'
const TASK = 'more_detailed_caption'

const samplesSchema = z.object({
  scenes: z
    .array(
      z.object({
        file: z.string(),
        /** `beam3_ngram3_text`: what the reference answers with the search that FloCap uses. */
        tasks: z.array(z.object({ task: z.string(), beam3_ngram3_text: z.string() })),
      }),
    )
    .min(1),
})

export async function runSelfTest(settings: Settings): Promise<Finding> {
  const name = 'self-test'
  try {
    const { picture, expected } = await readSample()
    // No answer cache: this is about the model.
    const local = await startLocalCaptioner({ ...settings, model: 'bundled', answerCacheMb: 0 })
    try {
      const began = performance.now()
      const { text } = await local.captioner.caption({ picture, task: TASK })
      const took = `${Math.round(performance.now() - began)} ms`
      if (text === expected) {
        return { name, status: 'ok', detail: `“${text}”, as the reference, in ${took}` }
      }
      return {
        name,
        status: 'problem',
        detail: `“${text}” instead of “${expected}”`,
        cure: 'Try --precision fp32. If that answers right, please report this machine.',
      }
    } finally {
      await local.close()
    }
  } catch (error) {
    const { message, hint } = toFlocapError(error)
    return { name, status: 'problem', detail: message, cure: hint ?? 'Install FloCap again.' }
  }
}

async function readSample(): Promise<{ readonly picture: Uint8Array; readonly expected: string }> {
  const json: unknown = JSON.parse(await readFile(join(SAMPLES_FOLDER, 'samples.json'), 'utf8'))
  const scene = samplesSchema.parse(json).scenes[0]
  const expected = scene?.tasks.find(({ task }) => task === TASK_TOKEN)?.beam3_ngram3_text
  if (!scene || expected === undefined) throw new Error(`samples.json has no ${TASK_TOKEN}`)
  return { picture: await readFile(join(SAMPLES_FOLDER, scene.file)), expected }
}
