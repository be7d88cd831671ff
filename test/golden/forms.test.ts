// Forms of checkpoints: fields that are left out, written otherwise or unusual. What transformers runs
// must give its ids, what it refuses must be refused by name; docs/guide/models.md lists the forms.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { FlocapError } from '../../src/base/errors.ts'
import { silentLogger } from '../../src/base/log.ts'
import { DEFAULT_GENERATION, resolveGeneration } from '../../src/caption/generation.ts'
import { compileModel } from '../../src/compiler/compile.ts'
import { createFlorence2 } from '../../src/runtime/florence2.ts'
import { editSchema, writeEditedCheckpoint } from '../support/edited-checkpoint.ts'
import { readFixturePicture, recipeSchema } from '../support/florence2-fixtures.ts'
import { idsSchema } from '../support/search-cases.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const formSchema = z.object({
  name: z.string(),
  base: z.string(),
  edits: z.array(editSchema),
  dtype: recipeSchema.shape.dtype.optional(),
  /** What the library said instead of an answer. */
  refused: z.string().optional(),
  answers: z
    .array(
      z.object({
        picture: z.string(),
        text: z.string(),
        max_new_tokens: z.number(),
        ids: idsSchema,
      }),
    )
    .optional(),
})

const { bases, forms } = z
  .object({ bases: z.record(z.string(), recipeSchema), forms: z.array(formSchema) })
  .parse(
    JSON.parse(readFileSync(new URL('../fixtures/forms/variants.json', import.meta.url), 'utf8')),
  )

/** The ids of every answer, asked with the settings of the checkpoint itself. */
async function ask(form: z.infer<typeof formSchema>): Promise<readonly (readonly number[])[]> {
  const base = bases[form.base]
  if (!base) throw new RangeError(`no base ${form.base}`)
  const folder = temporaryFolder()
  const checkpoint = join(folder, 'checkpoint')
  const recipe = { ...base, dtype: form.dtype ?? base.dtype }
  writeEditedCheckpoint(checkpoint, recipe, form.edits)
  const compiled = join(folder, 'compiled')
  await compileModel(checkpoint, compiled, { log: silentLogger })
  const model = await createFlorence2(compiled, { id: form.name, demo: false, threads: 1 })
  try {
    const ids: (readonly number[])[] = []
    const settings = resolveGeneration(DEFAULT_GENERATION, model.description.generation)
    for (const { picture, text, max_new_tokens: maxNewTokens } of form.answers ?? []) {
      const { answers } = await model.answer({
        picture: readFixturePicture(picture),
        applyOrientation: false,
        queries: [
          {
            prompt: [{ kind: 'text', text }],
            generation: { ...settings, maxNewTokens, stoppingRule: 'vectorised' },
          },
        ],
      })
      ids.push(answers[0]?.sequences[0]?.tokens ?? [])
    }
    return ids
  } finally {
    await model.close()
  }
}

describe('a checkpoint that transformers runs', () => {
  it.each(forms.filter(({ refused }) => refused === undefined))(
    'gives its ids: $name',
    async (form) => {
      expect(await ask(form)).toEqual(form.answers?.map(({ ids }) => ids))
    },
  )
})

describe('a checkpoint that transformers refuses', () => {
  it.each(forms.filter(({ refused }) => refused !== undefined))(
    'is refused by name: $name',
    async (form) => {
      const error: unknown = await ask(form).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(FlocapError)
      expect(error).toMatchObject({ code: 'invalid_model', subject: expect.any(String) })
    },
  )
})

describe('the forms', () => {
  it('are enough, and of both kinds', () => {
    expect(forms.length).toBeGreaterThanOrEqual(40)
    expect(forms.filter(({ refused }) => refused !== undefined).length).toBeGreaterThanOrEqual(10)
    const answers = forms.flatMap((form) => form.answers ?? []).map(({ ids }) => ids.join(' '))
    expect(new Set(answers).size).toBeGreaterThan(answers.length / 3)
  })
})
