// The supervisor with real engine processes: loading, dying, coming back.
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/base/log.ts'
import { LOOK_SIDE, type VisionRequest } from '../../src/caption/ports.ts'
import { Engine } from '../../src/engine/supervisor.ts'
import { figuresOf } from '../support/process-figures.ts'
import { readSample } from '../support/samples.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const FORM = { precision: 'fp32', lowering: 'fused' } as const

const entry = new URL('../../dist/engine/main.js', import.meta.url)
const model = new URL('../../models/flocap-demo/', import.meta.url)

/** What the server's process may compute, to what the engine does. */
const MAX_SHARE_OF_WORK = 0.25

function request(prompt: string, picture = 'scene-07.png'): VisionRequest {
  return {
    picture: readSample(picture),
    applyOrientation: true,
    queries: [
      {
        prompt: [{ kind: 'text', text: prompt }],
        generation: {
          numBeams: 3,
          maxNewTokens: 200,
          earlyStopping: false,
          lengthPenalty: 1,
          noRepeatNgramSize: 3,
          stoppingRule: 'classic',
          numReturnSequences: 1,
        },
      },
    ],
  }
}

const describePicture = request('Describe with a paragraph what is shown in the image.')

describe('Engine', () => {
  const home = createFolder()
  afterAll(() => removeFolder(home))

  const start = (source: string): Engine =>
    new Engine({
      entry,
      log: silentLogger,
      load: {
        modelId: 'test',
        knownHashes: {},
        demo: false,
        source,
        compiled: join(home, 'compiled'),
        form: FORM,
        device: 'cpu',
        threads: 1,
        maxPixels: 1_000_000,
      },
    })

  describe('with a model', () => {
    let engine: Engine
    beforeAll(async () => {
      engine = start(fileURLToPath(model))
      await engine.ready()
    })
    afterAll(async () => engine.close())

    it('tells what it has loaded', () => {
      expect(engine.state).toEqual({ kind: 'ready' })
      expect(engine.description).toMatchObject({ id: 'test', imageSize: 192, precision: 'fp32' })
    })

    it('streams text that adds up to the answer', async () => {
      let streamed = ''
      const { answers } = await engine.answer(describePicture, {
        onText: (_, text) => {
          streamed += text
        },
      })
      expect(streamed).toBe(answers[0]!.sequences[0]!.text)
    })

    it('draws on a picture, which only it decodes', async () => {
      const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="384" height="384"/>'
      const png = await engine.draw(describePicture.picture, svg, { applyOrientation: true })
      expect(Buffer.from(png).subarray(1, 4).toString()).toBe('PNG')
      await expect(
        engine.draw(Buffer.from('no picture'), svg, { applyOrientation: true }),
      ).rejects.toMatchObject({
        code: 'unsupported_image_format',
      })
    })

    it('looks at a picture in small', async () => {
      const { width, height, cells } = await engine.look({
        picture: readSample('scene-07.png'),
        applyOrientation: true,
      })
      expect([width, height, cells.length]).toEqual([384, 384, LOOK_SIDE * LOOK_SIDE * 3])
      const broken = { picture: Buffer.from('no picture'), applyOrientation: true }
      await expect(engine.look(broken)).rejects.toMatchObject({ code: 'unsupported_image_format' })
    })

    it('stops at the next step when it is asked to', async () => {
      const controller = new AbortController()
      const answer = engine.answer(describePicture, {
        signal: controller.signal,
        onText: () => controller.abort(),
      })
      await expect(answer).rejects.toMatchObject({ code: 'cancelled' })
    })

    // Not how late its timers are: that depends on who else uses the machine.
    it.runIf(process.platform === 'linux')('computes in its own process alone', async () => {
      const pids = [process.pid, engine.pid!]
      const before = pids.map((pid) => figuresOf(pid).cpuTicks)
      const pictures = ['scene-01.png', 'scene-02.png', 'scene-03.png', 'scene-04.png']
      await Promise.all(pictures.map(async (file) => engine.answer(request('Describe.', file))))
      const [server, computed] = pids.map((pid, i) => figuresOf(pid).cpuTicks - before[i]!)
      expect(server! / computed!).toBeLessThan(MAX_SHARE_OF_WORK)
    })

    it('answers a request whose process was killed, and the next one', async () => {
      const expected = (await engine.answer(describePicture)).answers
      const before = engine.pid
      const fresh = { ...describePicture, applyOrientation: false }
      const pending = engine.answer(fresh)
      process.kill(before!, 'SIGKILL')
      expect((await pending).answers).toEqual(expected)
      expect(engine.pid).not.toBe(before)
      expect((await engine.answer(describePicture)).answers).toEqual(expected)
    })

    it('gives a request up over which two engines died, and serves the others', async () => {
      const killer = setInterval(() => {
        if (engine.state.kind === 'ready' && engine.pid) process.kill(engine.pid, 'SIGKILL')
      }, 1)
      await expect(engine.answer(describePicture)).rejects.toMatchObject({
        code: 'image_rejected',
        retry: 'never',
      })
      clearInterval(killer)
      const other = request('Describe.', 'scene-02.png')
      expect((await engine.answer(other)).answers).toHaveLength(1)
    })

    it('tells what memory it takes', async () => {
      await expect.poll(() => engine.residentBytes).toBeGreaterThan(10_000_000)
    })
  })

  it('refuses requests while it loads, and says so', async () => {
    const engine = start(fileURLToPath(model))
    await expect(engine.answer(describePicture)).rejects.toMatchObject({ code: 'model_loading' })
    await engine.close()
  })

  it('draws without a model, in a process that may die', async () => {
    const engine = new Engine({ entry, log: silentLogger, load: { maxPixels: 1_000_000 } })
    const { picture } = describePicture
    const draw = async () => engine.draw(picture, '', { applyOrientation: true }, 'thumbnail')
    await engine.ready()
    const drawn = Buffer.from(await draw())
    expect(drawn.toString('latin1', 8, 12)).toBe('WEBP')
    process.kill(engine.pid!, 'SIGKILL')
    expect(Buffer.from(await draw())).toEqual(drawn)
    await expect(engine.answer(describePicture)).rejects.toMatchObject({ code: 'internal_error' })
    await engine.close()
  })

  it('gives up on an engine that never comes up', async () => {
    const engine = new Engine({
      entry: new URL('file:///nowhere/main.js'),
      log: silentLogger,
      load: {
        modelId: 'x',
        knownHashes: {},
        demo: false,
        source: '',
        compiled: '',
        form: FORM,
        device: 'cpu',
        threads: 1,
        maxPixels: 1_000_000,
      },
    })
    await expect(engine.ready()).rejects.toMatchObject({ code: 'engine_failed' })
    await engine.close()
  })

  it('reports a model that is not there, once and for all', async () => {
    const engine = start(join(home, 'none'))
    await expect(engine.ready()).rejects.toMatchObject({ code: 'model_not_found' })
    await expect(engine.answer(describePicture)).rejects.toMatchObject({ code: 'model_not_found' })
    await engine.close()
  })
  it('waits for no other attempt at a damaged model, unless it was told to keep trying', async () => {
    const damaged = join(home, 'damaged')
    cpSync(fileURLToPath(model), damaged, { recursive: true })
    writeFileSync(join(damaged, 'config.json'), '{}')
    const engine = start(damaged)
    await expect(engine.eventuallyReady()).rejects.toMatchObject({ code: 'invalid_model' })
    await engine.close()
  })
})
