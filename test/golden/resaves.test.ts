// A checkpoint that transformers saved again answers as the original does: 4.49 and 5 put the settings of
// the search, and the picture's preparation, into other files.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { silentLogger } from '../../src/base/log.ts'
import { DEFAULT_GENERATION, resolveGeneration } from '../../src/caption/generation.ts'
import { compileModel } from '../../src/compiler/compile.ts'
import { createFlorence2 } from '../../src/runtime/florence2.ts'
import { type Edit, editSchema, writeEditedCheckpoint } from '../support/edited-checkpoint.ts'
import {
  type CheckpointRecipe,
  readFixturePicture,
  recipeSchema,
} from '../support/florence2-fixtures.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const { bases, saves } = z
  .object({
    bases: z.record(z.string(), recipeSchema),
    saves: z.array(
      z.object({
        name: z.string(),
        version: z.string(),
        base: z.string(),
        edits: z.array(editSchema),
      }),
    ),
  })
  .parse(
    JSON.parse(readFileSync(new URL('../fixtures/forms/resaves.json', import.meta.url), 'utf8')),
  )

const QUESTIONS = [
  ['scene-03.png', 'What does the image describe?'],
  ['scene-05.png', 'Locate a red car in the image.'],
  ['scene-03.png', 'a guitar'],
  ['scene-05.png', 'What is the text in the image?'],
] as const

async function answers(recipe: CheckpointRecipe, edits: readonly Edit[]): Promise<unknown> {
  const folder = temporaryFolder()
  writeEditedCheckpoint(join(folder, 'checkpoint'), recipe, edits)
  const compiled = join(folder, 'compiled')
  await compileModel(join(folder, 'checkpoint'), compiled, { log: silentLogger })
  const model = await createFlorence2(compiled, { id: 'x', demo: false, threads: 1 })
  try {
    const generation = resolveGeneration(DEFAULT_GENERATION, {
      ...model.description.generation,
      maxNewTokens: 24,
    })
    const found: unknown[] = []
    for (const [picture, text] of QUESTIONS) {
      const { answers: given } = await model.answer({
        picture: readFixturePicture(picture),
        applyOrientation: false,
        queries: [{ prompt: [{ kind: 'text', text }], generation }],
      })
      found.push(given.map(({ sequences }) => sequences.map(({ tokens }) => tokens)))
    }
    return found
  } finally {
    await model.close()
  }
}

describe('a checkpoint that was saved again', () => {
  it.each(saves)('answers as the original: $name', async ({ base, edits }) => {
    const recipe = bases[base]
    if (!recipe) throw new RangeError(`no base ${base}`)
    expect(await answers(recipe, edits)).toEqual(await answers(recipe, []))
  })

  it('was saved by both generations of the library', () => {
    expect(saves.map(({ version }) => version.split('.')[0])).toEqual(['5', '5', '4'])
  })

  it('lacks in config.json what the original has there: the test would fail without the other files', () => {
    const [modern] = saves
    const config = JSON.stringify(modern?.edits.find(({ file }) => file === 'config.json')?.value)
    expect(config).not.toContain('no_repeat_ngram_size')
    const files = modern?.edits.map(({ file }) => file)
    expect(files).toContain('processor_config.json')
  })
})
