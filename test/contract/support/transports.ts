// Each behaviour runs twice: in memory, where it is fast, and over a loopback socket, where paths,
// headers and bodies take the way they take in life.
import { afterEach, describe } from 'vitest'
import type { TestHttpOptions } from '../../support/http-app.ts'
import { createTestApp, startTestServer } from '../../support/http-app.ts'

export interface Client {
  /** `path` is sent as it is written. */
  request(path: string, init?: RequestInit): Promise<Response>
}

export type OpenClient = (options?: TestHttpOptions) => Promise<Client>

/** A group of tests that is run on each transport; `open` makes a server for one test. */
export function onEachTransport(name: string, body: (open: OpenClient) => void): void {
  describe(`${name}, in memory`, () => {
    body(async (options) => {
      const app = createTestApp(options)
      return { request: async (path, init) => app.request(`http://127.0.0.1${path}`, init) }
    })
  })

  describe(`${name}, over a socket`, () => {
    const opened: { close(): Promise<void> }[] = []
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((server) => server.close()))
    })
    body(async (options) => {
      const server = await startTestServer(options)
      opened.push(server)
      return { request: (path, init) => fetch(`${server.url}${path}`, init) }
    })
  })
}
