// The acceptance command against a stand-in: the bundled model, and what transformers answers with it.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readDemoCaptions } from '../support/demo-captions.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const PROGRAM = fileURLToPath(new URL('../../dist/cli/acceptance/main.js', import.meta.url))
const SAMPLES = fileURLToPath(new URL('../../models/flocap-demo/samples/', import.meta.url))

const resultSchema = z.object({
  summary: z.object({
    same: z.number(),
    near: z.number(),
    differs: z.number(),
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

describe('npm run acceptance', () => {
  const folder = createFolder()
  afterAll(() => removeFolder(folder))

  async function run(
    values: unknown,
    checkpoint = 'bundled',
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    const file = join(folder, 'values.json')
    writeFileSync(file, JSON.stringify({ entries: values }))
    const args = [PROGRAM, '--json', '--checkpoint', checkpoint, '--values', file]
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [...args, '--images', SAMPLES, '--home', join(folder, 'home')],
        (error, stdout, stderr) =>
          resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
      )
    })
  }

  it('finds every answer the same', async () => {
    const { code, stdout } = await run(entries)
    const { summary } = resultSchema.parse(JSON.parse(stdout))
    expect(summary).toEqual({ same: entries.length, near: 0, differs: 0, skipped: 0 })
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
    expect(summary).toEqual({ same: 2, near: 0, differs: 1, skipped: 1 })
    expect(rows[1]!.verdict.remark).toMatch(/^after \d+ characters: 'on/)
    expect(code).toBe(1)
  })

  it('lists the checkpoints it knows when asked for another', async () => {
    const { code, stderr } = await run(entries, 'Florence-3')
    expect(code).toBe(1)
    expect(stderr).toContain('the bundled model')
  })
})
