// The acceptance command against stand-ins: the bundled model, under its own name and under those of the
// real ones, and what transformers answers with it.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { PLAN } from '../../tools/acceptance/plan.ts'
import { readDemoCaptions } from '../support/demo-captions.ts'
import { demoRepository } from '../support/demo-hub.ts'
import { gitFile, type StandInRepository, startStandInHub } from '../support/stand-in-hub.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const RUN = fileURLToPath(new URL('../../tools/run.mjs', import.meta.url))
const SAMPLES = fileURLToPath(new URL('../../models/flocap-demo/samples/', import.meta.url))

const resultSchema = z.object({
  summary: z.object({
    same: z.number(),
    near: z.number(),
    differs: z.number(),
    answered: z.number(),
    skipped: z.number(),
  }),
  rows: z.array(
    z.object({ id: z.string(), verdict: z.object({ kind: z.string(), remark: z.string() }) }),
  ),
})

/** Published answers as they would be, had anybody published the bundled model's. */
const entries = readDemoCaptions()
  .cases.slice(0, 12)
  .map((reference) => {
    const beams = reference.beams.find(
      ({ stoppingRule, earlyStopping }) => stoppingRule === 'classic' && earlyStopping === false,
    )!
    return {
      id: reference.name,
      checkpoint: 'the bundled model',
      image: reference.picture,
      task: reference.task,
      settings: {
        num_beams: beams.numBeams,
        early_stopping: false,
        max_new_tokens: reference.maxNewTokens,
      },
      output: { [reference.task]: beams.sequences[0]!.text },
    }
  })

/** The names under which answers of these were published. */
const CHECKPOINTS: Readonly<Record<string, string>> = {
  base: 'florence-community/Florence-2-base',
  large: 'microsoft/Florence-2-large, June-2024 weights',
  'large-4k': 'microsoft/Florence-2-large 4k weights',
}

/** The bundled model, with the search that the model of that name has. */
function standIn(name: string): StandInRepository {
  const repository = demoRepository()
  const early = PLAN.find((model) => model.name === name)?.settings?.earlyStopping ?? true
  const own: unknown = JSON.parse(repository.files['generation_config.json']!.content.toString())
  const content = JSON.stringify(Object.assign({}, own, { early_stopping: early }))
  return {
    ...repository,
    files: { ...repository.files, 'generation_config.json': gitFile(content) },
  }
}

describe('npm run acceptance', () => {
  const folder = createFolder()
  afterAll(() => removeFolder(folder))

  async function run(
    values: unknown,
    checkpoint = 'bundled',
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    const file = join(folder, 'values.json')
    writeFileSync(file, JSON.stringify({ entries: values }))
    return acceptance(['--checkpoint', checkpoint, '--values', file])
  }

  async function acceptance(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    const common = ['--json', '--images', SAMPLES, '--home', join(folder, 'home')]
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [RUN, 'acceptance', ...common, ...args],
        { env: { ...process.env, ...environment } },
        (error, stdout, stderr) =>
          resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
      )
    })
  }

  it('finds every answer the same', async () => {
    const { code, stdout } = await run(entries)
    const { summary } = resultSchema.parse(JSON.parse(stdout))
    expect(summary).toEqual({ same: entries.length, near: 0, differs: 0, answered: 0, skipped: 0 })
    expect(code).toBe(0)
  })

  it('finds the one that was altered, and says where', async () => {
    const altered = structuredClone(entries.slice(0, 3))
    const { task } = altered[1]!
    altered[1]!.output[task] = altered[1]!.output[task]!.replace('on a', 'in a')
    const { code, stdout } = await run([
      ...altered,
      { ...altered[0]!, id: 'lost', image: 'no.png' },
    ])
    const { summary, rows } = resultSchema.parse(JSON.parse(stdout))
    expect(summary).toEqual({ same: 2, near: 0, differs: 1, answered: 0, skipped: 1 })
    expect(rows[1]!.verdict.remark).toMatch(/^after \d+ characters: 'on/)
    expect(code).toBe(1)
  })

  it('lists the checkpoints it knows when asked for another', async () => {
    const { code, stderr } = await run(entries, 'Florence-3')
    expect(code).toBe(1)
    expect(stderr).toContain('the bundled model')
  })

  it('goes through every model of the plan, each from the Hub, without a flag', async () => {
    const hub = await startStandInHub({
      repositories: Object.fromEntries(PLAN.map(({ name }) => [`someone/${name}`, standIn(name)])),
    })
    onTestFinished(async () => hub.close())
    const file = join(folder, 'all.json')
    const values = Object.entries(CHECKPOINTS).flatMap(([name, checkpoint]) =>
      entries.slice(0, 2).map((entry) => ({ ...entry, id: `${name} ${entry.id}`, checkpoint })),
    )
    writeFileSync(file, JSON.stringify({ entries: values }))
    const uses = PLAN.flatMap(({ name }) => ['--use', `${name}=someone/${name}`])
    const { code, stdout } = await acceptance(['--values', file, ...uses], {
      HF_ENDPOINT: hub.endpoint,
      HF_TOKEN: '',
    })
    const { summary, rows } = resultSchema.parse(JSON.parse(stdout))
    const ofKind = (kind: string) =>
      rows.flatMap((row) => (row.verdict.kind === kind ? row.id : []))
    expect(rows.filter((row) => row.verdict.kind === 'differs')).toEqual([])
    expect(summary.same).toBe(values.length + PLAN.filter(({ settings }) => settings).length)
    expect(ofKind('answered')).toEqual(
      PLAN.filter(({ name }) => !(name in CHECKPOINTS)).flatMap(({ name, tasks }) =>
        tasks.map((task) => `${name}${task}`),
      ),
    )
    expect(code).toBe(0)
  })

  it('finds settings that a model should not have, and a model that cannot be had', async () => {
    const file = join(folder, 'none.json')
    writeFileSync(file, JSON.stringify({ entries: [] }))
    const { code, stdout } = await acceptance([
      '--values',
      file,
      '--only',
      'large,base-ft',
      '--use',
      'large=bundled',
      '--use',
      'base-ft=./nowhere',
    ])
    const { rows } = resultSchema.parse(JSON.parse(stdout))
    expect(rows[0]).toMatchObject({ id: 'large settings', verdict: { kind: 'differs' } })
    expect(rows.at(-1)).toMatchObject({ id: 'base-ft', verdict: { kind: 'differs' } })
    expect(code).toBe(1)
  })
})
