// LoRA adapters merged while compiling: the ids of PEFT's own merge, in every form that PEFT writes.
import { readFileSync } from 'node:fs'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { silentLogger } from '../../src/base/log.ts'
import { DEFAULT_GENERATION, resolveGeneration } from '../../src/caption/generation.ts'
import { compileModel } from '../../src/compiler/compile.ts'
import { createFlorence2 } from '../../src/runtime/florence2.ts'
import { caughtError } from '../support/caught-error.ts'
import { readFixturePicture, recipeSchema } from '../support/florence2-fixtures.ts'
import { writeRandomCheckpoint } from '../support/random-checkpoint.ts'
import { idsSchema } from '../support/search-cases.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const FOLDER = fileURLToPath(new URL('../fixtures/adapters', import.meta.url))

const fixture = z
  .object({
    base: recipeSchema,
    adapters: z.array(
      z.object({
        name: z.string(),
        answers: z.array(
          z.object({
            picture: z.string(),
            text: z.string(),
            max_new_tokens: z.number(),
            ids: idsSchema,
          }),
        ),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(join(FOLDER, 'answers.json'), 'utf8')))

type Answers = (typeof fixture)['adapters'][number]['answers']

async function ask(answers: Answers, adapter: string): Promise<readonly (readonly number[])[]> {
  const folder = temporaryFolder()
  const checkpoint = join(folder, 'checkpoint')
  writeRandomCheckpoint(checkpoint, { checkpoint: fixture.base })
  const compiled = join(folder, 'compiled')
  const manifest = await compileModel(checkpoint, compiled, { log: silentLogger, adapter })
  expect(manifest.unreadTensors).toEqual([])
  const model = await createFlorence2(compiled, { id: 'x', demo: false, threads: 1 })
  try {
    const ids: (readonly number[])[] = []
    const settings = resolveGeneration(DEFAULT_GENERATION, model.description.generation)
    for (const { picture, text, max_new_tokens: maxNewTokens } of answers) {
      const given = await model.answer({
        picture: readFixturePicture(picture),
        applyOrientation: false,
        queries: [
          {
            prompt: [{ kind: 'text', text }],
            generation: { ...settings, maxNewTokens, stoppingRule: 'vectorised' },
          },
        ],
      })
      ids.push(given.answers[0]?.sequences[0]?.tokens ?? [])
    }
    return ids
  } finally {
    await model.close()
  }
}

describe('an adapter', () => {
  it.each(fixture.adapters)('answers as merged by PEFT: $name', async ({ name, answers }) => {
    expect(await ask(answers, join(FOLDER, name))).toEqual(answers.map(({ ids }) => ids))
  })

  it('comes in enough forms and cases', () => {
    expect(fixture.adapters.length).toBeGreaterThanOrEqual(5)
    const cases = fixture.adapters.flatMap(({ answers }) => answers)
    expect(cases.length).toBeGreaterThanOrEqual(60)
    // Answers that are all alike would not tell one merge from another.
    const answers = cases.map(({ picture, text, ids }) => `${picture} ${text} ${ids.join(' ')}`)
    expect(new Set(answers).size).toBeGreaterThan(cases.length / 2)
  })

  it.each([
    ['DoRA', 'use_dora'],
    ['rsLoRA', 'use_rslora'],
    ['modules saved whole', 'modules_to_save'],
    ['ranks by module', 'rank_pattern'],
    ['alphas by module', 'alpha_pattern'],
    ['biases of the adapter', 'lora_bias'],
  ])('comes with %s', (_, field) => {
    const configs = fixture.adapters.map(({ name }) =>
      z
        .record(z.string(), z.unknown())
        .parse(JSON.parse(readFileSync(join(FOLDER, name, 'adapter_config.json'), 'utf8'))),
    )
    const isSet = (value: unknown): boolean =>
      value === true || (typeof value === 'object' && Object.keys(value ?? {}).length > 0)
    expect(configs.filter((config) => isSet(config[field])).length).toBeGreaterThan(0)
  })

  it('is part of what the compiled model was made from', async () => {
    const folder = temporaryFolder()
    const checkpoint = join(folder, 'checkpoint')
    writeRandomCheckpoint(checkpoint, { checkpoint: fixture.base })
    const compiled = join(folder, 'compiled')
    const compile = async (adapter?: string) =>
      compileModel(checkpoint, compiled, {
        log: silentLogger,
        ...(adapter === undefined ? {} : { adapter }),
      })
    const plain = await compile()
    const adapted = await compile(join(FOLDER, 'plain'))
    expect(adapted.fingerprint).not.toBe(plain.fingerprint)
    expect((await compile(join(FOLDER, 'plain'))).createdAt).toBe(adapted.createdAt)
    expect((await compile(join(FOLDER, 'dora'))).fingerprint).not.toBe(adapted.fingerprint)
  })

  it.each([
    ['peft_type', 'LOHA'],
    ['r', 1e9],
    ['lora_alpha', 1e300],
    ['fan_in_fan_out', true],
    ['init_lora_weights', 'pissa'],
    ['use_qalora', true],
    ['rank_pattern', { '.*(a+)+$': 4 }],
    ['alpha_pattern', { '.*(a+)+$': 4 }],
  ])('with %s = %j is refused by name', async (field, value) => {
    const adapter = join(temporaryFolder(), 'adapter')
    await cp(join(FOLDER, 'plain'), adapter, { recursive: true })
    const file = join(adapter, 'adapter_config.json')
    const config: unknown = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, JSON.stringify(Object.assign({}, config, { [field]: value })))
    const error = await caughtError(() => ask([], adapter))
    expect(error.code).toBe('invalid_model')
    expect(error.message).toContain(field)
  })

  it.each([
    ['there is none', 'nowhere', 'model_not_found'],
    ['it has no weights', '', 'invalid_model'],
  ])('is refused where %s', async (_, name, code) => {
    const adapter = join(temporaryFolder(), name)
    const error = await caughtError(() => ask([], adapter))
    expect(error.code).toBe(code)
  })
})
