// A server on the loopback interface that takes files and batches.
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createHttpApp } from '../../src/http/app.ts'
import { createLineReader } from '../../src/http/in-process.ts'
import { serveApp } from '../../src/http/server.ts'
import { createTestBatches } from './batches.ts'
import { servicesFor, type TestHttpOptions } from './http-app.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Ended with the test. */
export async function startBatchServer(options: TestHttpOptions = {}): Promise<{ url: string }> {
  const batches = createTestBatches(join(temporaryFolder(), 'batches'))
  const services = servicesFor({ ...options, batches })
  const app = createHttpApp(services)
  const server = serveApp(app, services)
  const [address] = await server.listen(['127.0.0.1'], 0)
  await batches.start(createLineReader(app))
  onTestFinished(async () => server.close())
  return { url: `http://127.0.0.1:${address?.port}` }
}
