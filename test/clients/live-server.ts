// A server on the loopback interface for a client library to talk to.
import { afterEach } from 'vitest'
import type { FakeCaptioner, FakeCaptionerOptions } from '../support/fake-captioner.ts'
import { createFakeCaptioner } from '../support/fake-captioner.ts'
import type { TestHttpOptions } from '../support/http-app.ts'
import { startTestServer } from '../support/http-app.ts'

export interface LiveServer {
  readonly url: string
  /** Its calls tell how often a client asked. */
  readonly captioner: FakeCaptioner
}

export const CAPTION = 'A dog runs over a meadow.'

/** Gives a function that starts servers; each is closed after its test. */
export function useLiveServers() {
  const running: { close(): Promise<void> }[] = []
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.close()))
  })
  return async (
    captioning: FakeCaptionerOptions = {},
    options: TestHttpOptions = {},
  ): Promise<LiveServer> => {
    const captioner = createFakeCaptioner({ text: CAPTION, ...captioning })
    const server = await startTestServer({ captioner, ...options })
    running.push(server)
    return { url: server.url, captioner }
  }
}
