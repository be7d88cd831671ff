// The supervisor against engines that crash, hang and grow, with real processes and no model.
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { silentLogger } from '../../src/base/log.ts'
import type { VisionRequest } from '../../src/caption/ports.ts'
import { EngineProcess } from '../../src/engine/engine-process.ts'
import type { LoadOptions } from '../../src/engine/protocol.ts'
import { Engine, type EngineOptions } from '../../src/engine/supervisor.ts'

const entry = new URL('../support/scripted-engine.mjs', import.meta.url)

const load: LoadOptions = {
  modelId: 'x',
  knownHashes: {},
  demo: false,
  source: '',
  compiled: '',
  form: { precision: 'fp32', lowering: 'fused' },
  device: 'cpu',
  threads: 1,
  maxPixels: 1_000_000,
}

const request = (text: string): VisionRequest => ({
  picture: Buffer.from(text),
  applyOrientation: true,
  queries: [],
})

describe('Engine', () => {
  const engines: Engine[] = []
  afterEach(async () => {
    await Promise.all(engines.splice(0).map(async (engine) => engine.close()))
  })

  const start = async (options: Partial<EngineOptions> = {}): Promise<Engine> => {
    const engine = new Engine({
      entry,
      log: silentLogger,
      load,
      ...options,
    })
    engines.push(engine)
    await engine.ready()
    return engine
  }

  const ask = async (engine: Engine, text: string): Promise<string | undefined> =>
    (await engine.answer(request(text))).answers[0]?.sequences[0]?.text

  it.each(['crash', 'exit'])(
    'refuses a picture that makes it %s, and answers all that were asked beside it',
    async (deed) => {
      const engine = await start()
      const innocent = ['a', 'b', 'c'].map(async (text) => ask(engine, text))
      const poison = ask(engine, `${deed} please`)
      await expect(poison).rejects.toMatchObject({ code: 'image_rejected', retry: 'never' })
      expect(await Promise.all(innocent)).toEqual(['a', 'b', 'c'])

      const { died } = engine.restarts
      expect(died).toBeGreaterThanOrEqual(2)
      await expect(ask(engine, `${deed} please`)).rejects.toMatchObject({ code: 'image_rejected' })
      expect(await ask(engine, 'd')).toBe('d')
      expect(engine.restarts.died).toBe(died)
    },
  )

  it('replaces a process that hangs over a picture', async () => {
    const engine = await start({ silenceMs: 1_000 })
    const innocent = ask(engine, 'a')
    await expect(ask(engine, 'hang')).rejects.toMatchObject({ code: 'image_rejected' })
    expect(await innocent).toBe('a')
    expect(engine.restarts.hung).toBeGreaterThanOrEqual(2)
  })

  it.skipIf(process.platform === 'win32')(
    'replaces a process that is stopped while idle',
    async () => {
      const engine = await start({ silenceMs: 1_000 })
      const before = engine.pid
      process.kill(before!, 'SIGSTOP')
      await expect.poll(() => engine.restarts.hung).toBeGreaterThanOrEqual(1)
      expect(await ask(engine, 'a')).toBe('a')
      expect(engine.pid).not.toBe(before)
    },
  )

  it('gives its memory back while nobody asks, and answers the next who does', async () => {
    const engine = await start({ idleMs: 300 })
    expect(await ask(engine, 'a')).toBe('a')
    const before = engine.pid
    await expect.poll(() => engine.state.kind).toBe('sleeping')
    expect(engine.residentBytes).toBe(0)
    const answers = Promise.all(['b', 'c', 'd'].map(async (text) => ask(engine, text)))
    expect(await answers).toEqual(['b', 'c', 'd'])
    expect(engine.pid).not.toBe(before)
    expect(engine.restarts).toEqual({ died: 0, hung: 0, memory: 0 })
  })

  it('does not fall asleep over a request', async () => {
    const engine = await start({ idleMs: 20 })
    for (let i = 0; i < 40; i += 1) {
      expect(await ask(engine, `picture ${i}`)).toBe(`picture ${i}`)
      await new Promise((resolve) => setTimeout(resolve, i))
    }
    expect(engine.restarts).toEqual({ died: 0, hung: 0, memory: 0 })
  })

  it('replaces a process that has grown, without losing a request', async () => {
    const engine = await start({ maxResidentBytes: 700 * 1024 * 1024, minAgeMs: 500 })
    const texts = Array.from({ length: 60 }, (_, index) => `picture ${index}`)
    for (const text of texts) expect(await ask(engine, text)).toBe(text)
    expect(engine.restarts).toMatchObject({ died: 0, hung: 0 })
    expect(engine.restarts.memory).toBeGreaterThanOrEqual(2)
  })

  it('leaves a process that is large from its beginning alone for a while', async () => {
    // A clock that has run for eleven days.
    const now = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => 1e9 + now())
    onTestFinished(() => void vi.restoreAllMocks())
    const engine = await start({ maxResidentBytes: 1, minAgeMs: 1e9 })
    const { pid } = engine
    await expect.poll(() => engine.residentBytes).toBeGreaterThan(1)
    const known = engine.residentBytes
    await expect.poll(() => engine.residentBytes).toBeGreaterThan(known)
    expect([engine.state.kind, engine.restarts.memory, engine.pid]).toEqual(['ready', 0, pid])
  })

  it('that is closed while it loads stays closed', async () => {
    const engine = new Engine({ entry, log: silentLogger, load })
    await engine.close()
    expect(engine.state.kind).toBe('closed')
  })

  it('ends a process that is stopped', async () => {
    const engine = await start()
    const { pid } = engine
    process.kill(pid!, 'SIGSTOP')
    await engine.close()
    expect(() => process.kill(pid!, 0)).toThrow('ESRCH')
  })
})

describe('EngineProcess', () => {
  it('never starts what was cancelled before it could listen', async () => {
    const engine = new EngineProcess({
      entry,
      log: silentLogger,
      load,
      silenceMs: 10_000,
      onStatus: () => undefined,
    })
    onTestFinished(async () => engine.close())
    await engine.loaded
    const cancelled = engine.answer(request('a'), { signal: AbortSignal.abort() })
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' })
    await engine.answer(request('b'))
    expect(engine.answered).toBe(1)
  })
})
