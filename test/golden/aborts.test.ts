// What is aborted stops: no more than one run of a graph begins after that, wherever it was.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished, vi } from 'vitest'
import { silentLogger } from '../../src/base/log.ts'
import { DEFAULT_GENERATION } from '../../src/caption/generation.ts'
import type { Query } from '../../src/caption/ports.ts'
import { renderPrompt } from '../../src/caption/prompt.ts'
import { compileModel } from '../../src/compiler/compile.ts'
import { createFlorence2 } from '../../src/runtime/florence2.ts'
import { InferenceSession } from '../../src/runtime/onnxruntime.ts'
import { readSample } from '../support/samples.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const MODEL = fileURLToPath(new URL('../../models/flocap-demo/', import.meta.url))
const TASKS = ['more_detailed_caption', 'od', 'dense_region_caption', 'ocr_with_region'] as const
const ABORTS = 25
/** Many times a step of the demo model: whatever would still begin has begun. */
const AFTERMATH_MS = 30

it('an abort in the middle of any run of a graph is followed by no more than one', async () => {
  let began = 0
  let onRun = (): void => undefined
  const create = InferenceSession.create.bind(InferenceSession)
  vi.spyOn(InferenceSession, 'create').mockImplementation(async (...args: unknown[]) => {
    const session = await Reflect.apply(create, undefined, args)
    const run = session.run.bind(session)
    session.run = async (...inputs: unknown[]) => {
      began += 1
      onRun()
      return Reflect.apply(run, undefined, inputs)
    }
    return session
  })
  const folder = createFolder()
  const compiled = join(folder, 'compiled')
  await compileModel(MODEL, compiled, { log: silentLogger, precision: 'fp32' })
  const model = await createFlorence2(compiled, { id: 'flocap-demo', demo: true, threads: 1 })
  onTestFinished(async () => {
    await model.close()
    removeFolder(folder)
  })
  const queries = TASKS.map((task): Query => ({
    prompt: renderPrompt(task),
    generation: DEFAULT_GENERATION,
  }))
  /** As other pictures each time: a vision pass that is known is not run. */
  const answer = async (index: number, signal?: AbortSignal) =>
    model.answer(
      {
        picture: readSample('scene-02.png'),
        digest: `${index}`,
        applyOrientation: true,
        queries,
      },
      signal === undefined ? {} : { signal },
    )

  await answer(ABORTS)
  const whole = began
  expect(whole).toBeGreaterThan(queries.length)
  for (let index = 0; index < ABORTS; index += 1) {
    const controller = new AbortController()
    const moment = 1 + Math.floor((index * (whole - 1)) / ABORTS)
    began = 0
    onRun = () => {
      if (began === moment) controller.abort()
    }
    const failure: unknown = await answer(index, controller.signal).catch((error: unknown) => error)
    expect([index, failure]).toMatchObject([index, { code: 'cancelled' }])
    await sleep(AFTERMATH_MS)
    expect([index, began - moment]).toEqual([index, expect.toSatisfy((more) => more <= 1)])
  }
})
