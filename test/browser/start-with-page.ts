// The built page before a server whose captioner is a stand-in: every state of it can be had at once.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import { createMetrics } from '../../src/base/metrics.ts'
import { openPage } from '../../src/http/page-files.ts'
import { createFakeCaptioner } from '../support/fake-captioner.ts'
import { createFakeModels } from '../support/fake-models.ts'
import { type RunningServer, startTestServer, type TestHttpOptions } from '../support/http-app.ts'

const BUILT = fileURLToPath(new URL('../../dist/web', import.meta.url))
const SAMPLES = fileURLToPath(new URL('../../models/flocap-demo/samples', import.meta.url))

/** The page's files, for a server of the test's own. */
export async function openBuiltPage(): Promise<Pick<TestHttpOptions, 'page'>> {
  expect(existsSync(BUILT), 'the page is built by npm run build').toBe(true)
  const page = await openPage({ built: BUILT, samples: SAMPLES })
  return page ? { page } : {}
}

/** Closed when the test ends. */
export async function startWithPage(options: TestHttpOptions = {}): Promise<RunningServer> {
  const captioner = options.captioner ?? createFakeCaptioner()
  const server = await startTestServer({
    captioner,
    metrics: createMetrics(),
    models: createFakeModels(),
    ...options,
    ...(await openBuiltPage()),
  })
  onTestFinished(() => server.close())
  return server
}
