import { describe, expect, it } from 'vitest'
import { createFakeVisionModel } from '../../test/support/fake-vision-model.ts'
import { silentLogger } from '../base/log.ts'
import type { VisionRequest } from '../caption/ports.ts'
import { EnginePool, type SupervisedEngine } from './pool.ts'
import type { EngineState } from './supervisor.ts'

interface TestEngine extends SupervisedEngine {
  state: EngineState
  asked: number
  /** Lets all its requests end. */
  readonly finish: () => void
  closed: boolean
}

const request: VisionRequest = { picture: new Uint8Array(), applyOrientation: true, queries: [] }

function createEngine(state: EngineState['kind'] & ('ready' | 'sleeping')): TestEngine {
  const model = createFakeVisionModel()
  let waiting: (() => void)[] = []
  const engine: TestEngine = {
    description: model.description,
    state: { kind: state },
    restarts: { died: 1, hung: 0, memory: 2 },
    residentBytes: 100,
    asked: 0,
    closed: false,
    ready: async () => undefined,
    eventuallyReady: async () => undefined,
    async answer(asked, hooks) {
      engine.asked += 1
      await new Promise<void>((resolve) => waiting.push(resolve))
      return model.answer(asked, hooks)
    },
    draw: async () => new Uint8Array(),
    look: async (asked) => model.look(asked),
    async close() {
      engine.closed = true
    },
    finish() {
      for (const resolve of waiting) resolve()
      waiting = []
    },
  }
  return engine
}

async function startPool(count: number): Promise<{ pool: EnginePool; engines: TestEngine[] }> {
  const engines: TestEngine[] = []
  const start = (): SupervisedEngine => {
    const engine = createEngine('ready')
    engines.push(engine)
    return engine
  }
  const pool = new EnginePool(count, start, silentLogger)
  await pool.ready()
  await expect.poll(() => engines.length).toBe(count)
  return { pool, engines }
}

describe('EnginePool', () => {
  it('gives each request to the engine with the least work', async () => {
    const { pool, engines } = await startPool(3)
    const first = [1, 2, 3].map(async () => pool.answer(request))
    expect(engines.map(({ asked }) => asked)).toEqual([1, 1, 1])
    engines[1]!.finish()
    await first[1]
    const next = pool.answer(request)
    expect(engines.map(({ asked }) => asked)).toEqual([1, 2, 1])
    for (const engine of engines) engine.finish()
    await Promise.all([...first, next])
  })

  it('asks engines that are ready before others', async () => {
    const { pool, engines } = await startPool(3)
    engines[0]!.state = { kind: 'restarting' }
    engines[1]!.state = { kind: 'sleeping' }
    const answers = [pool.answer(request), pool.answer(request)]
    expect(engines.map(({ asked }) => asked)).toEqual([0, 0, 2])
    expect(pool.state.kind).toBe('ready')
    engines[2]!.finish()
    await Promise.all(answers)
  })

  it('is ready when its first engine is, and fails as that one does', async () => {
    let fail: (error: Error) => void = () => undefined
    const loading = new Promise<undefined>((_, reject) => {
      fail = reject
    })
    const start = (): SupervisedEngine =>
      Object.assign(createEngine('ready'), {
        ready: async () => loading,
        eventuallyReady: async () => loading,
      })
    const pool = new EnginePool(1, start, silentLogger)
    const ends = [pool.ready(), pool.eventuallyReady()].map(async (promise) =>
      promise.then(
        () => 'ready',
        (error: Error) => error.message,
      ),
    )
    fail(new Error('no such model'))
    expect(await Promise.all(ends)).toEqual(['no such model', 'no such model'])
    await pool.close()
  })

  it('adds up what its engines take and went through', async () => {
    const { pool } = await startPool(2)
    expect(pool.residentBytes).toBe(200)
    expect(pool.restarts).toEqual({ died: 2, hung: 0, memory: 4 })
  })

  it('starts no engines after it was closed', async () => {
    const engines: TestEngine[] = []
    const start = (): SupervisedEngine => {
      const engine = createEngine('ready')
      engines.push(engine)
      return engine
    }
    const pool = new EnginePool(4, start, silentLogger)
    await pool.close()
    await new Promise((resolve) => setImmediate(resolve))
    expect(engines).toHaveLength(1)
    expect(engines[0]!.closed).toBe(true)
  })
})
