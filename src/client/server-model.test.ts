import { expect, it, onTestFinished } from 'vitest'
import { createFakeCaptioner, FAKE_MODEL } from '../../test/support/fake-captioner.ts'
import { startTestServer, type TestHttpOptions } from '../../test/support/http-app.ts'
import type { TasksCaptioner } from '../caption/captioner.ts'
import { readFingerprint } from './server-model.ts'

async function start(options: TestHttpOptions): Promise<string> {
  const server = await startTestServer(options)
  onTestFinished(async () => server.close())
  return server.url
}

/** A captioner whose model is loaded when it has been asked for often enough. */
function createLateCaptioner(after: number): TasksCaptioner {
  const fake = createFakeCaptioner()
  let asked = 0
  return {
    ...fake,
    get model() {
      asked += 1
      return asked > after ? FAKE_MODEL : { ...FAKE_MODEL, fingerprint: '' }
    },
  }
}

it('waits for a model that is being loaded', async () => {
  const url = await start({ captioner: createLateCaptioner(1) })
  expect(await readFingerprint({ url })).toBe(FAKE_MODEL.fingerprint)
})

it('says what the server says when that takes too long', async () => {
  const url = await start({
    captioner: createLateCaptioner(Number.POSITIVE_INFINITY),
    readiness: () => ({ ready: false, reason: 'compiling the model' }),
  })
  await expect(readFingerprint({ url, patienceMs: 10 })).rejects.toMatchObject({
    code: 'model_loading',
    message: 'The server has no model yet: compiling the model.',
  })
})
