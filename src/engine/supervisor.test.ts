import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createRecordingLogger } from '../../test/support/recording-logger.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { Engine } from './supervisor.ts'

const LOAD = { maxPixels: 1_000_000 }
/** Long enough for several processes, and a fraction of the first pause. */
const LOOK_MS = 2_000

/** An engine process that cannot load its model, for a reason with this code. */
function startFailing(code: string, keepTrying: boolean) {
  const file = join(temporaryFolder(), 'engine.mjs')
  const error = JSON.stringify({ code, message: 'It cannot be loaded.' })
  writeFileSync(
    file,
    `process.on('message', ({ type }) => {
      if (type === 'load') process.send({ type: 'load-failed', error: ${error} })
      if (type === 'close') process.disconnect()
    })`,
  )
  const { lines, logger } = createRecordingLogger()
  const engine = new Engine({ entry: pathToFileURL(file), load: LOAD, log: logger, keepTrying })
  onTestFinished(async () => engine.close())
  const failures = () => lines.filter(({ message }) => message === 'the model cannot be loaded')
  return { engine, failures }
}

describe('a model that cannot be loaded', () => {
  it('is tried again after a pause, not at once', async () => {
    const { engine, failures } = startFailing('invalid_model', true)
    await expect(engine.ready()).rejects.toMatchObject({ code: 'invalid_model' })
    // Who waits for a later attempt goes on waiting.
    const isWaiting = await Promise.race([
      engine.eventuallyReady().then(
        () => false,
        () => false,
      ),
      sleep(LOOK_MS, true),
    ])
    expect(isWaiting).toBe(true)
    expect(failures()).toMatchObject([{ fields: { retryInMs: 10_000 } }])
    expect(engine.state).toMatchObject({ kind: 'failed', error: { code: 'invalid_model' } })
  })

  it.each([
    ['of a kind that only another command ends', 'model_not_found', true],
    ['and no further attempt is wanted', 'invalid_model', false],
  ])('is left alone where it is %s', async (_, code, keepTrying) => {
    const { engine, failures } = startFailing(code, keepTrying)
    await expect(engine.ready()).rejects.toMatchObject({ code })
    await expect(engine.eventuallyReady()).rejects.toMatchObject({ code })
    expect(failures()).toEqual([])
  })
})
