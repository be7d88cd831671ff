// The built page before a server whose captioner is a stand-in: every state of it can be had at once.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import { openPage } from '../../src/http/page-files.ts'
import { createFakeCaptioner } from '../support/fake-captioner.ts'
import { type RunningServer, startTestServer, type TestHttpOptions } from '../support/http-app.ts'

const BUILT = fileURLToPath(new URL('../../dist/web', import.meta.url))
const SAMPLES = fileURLToPath(new URL('../../models/flocap-demo/samples', import.meta.url))

/** Closed when the test ends. */
export async function startWithPage(options: TestHttpOptions = {}): Promise<RunningServer> {
  expect(existsSync(BUILT), 'the page is built by npm run build').toBe(true)
  const page = await openPage({ built: BUILT, samples: SAMPLES })
  const captioner = options.captioner ?? createFakeCaptioner()
  const server = await startTestServer({ captioner, ...options, ...(page ? { page } : {}) })
  onTestFinished(() => server.close())
  return server
}
