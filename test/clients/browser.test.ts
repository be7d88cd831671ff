// Web pages in a real browser: which may read FloCap's answers, which may not even ask.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { HAS_CHROMIUM, launchChromium, NO_CHROMIUM_REASON } from '../support/chromium.ts'
import { PNG_BASE64 } from '../support/pictures.ts'
import { CAPTION, useLiveServers } from './live-server.ts'

/** A public name that leads to this machine, as after DNS rebinding. */
const EVIL = 'evil.example.com'

const start = useLiveServers()

/** What a page sees of a request: an answer, or that it failed. */
const Seen = z.union([
  z.object({ status: z.int(), text: z.string(), task: z.string().nullable() }),
  z.object({ failure: z.string() }),
])

/** What SillyTavern's page sends. */
function caption(image = PNG_BASE64) {
  return {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'Bypass-Tunnel-Reminder': 'bypass',
      Authorization: 'Bearer key',
    },
    body: JSON.stringify({ image }),
  }
}

describe.skipIf(!HAS_CHROMIUM)(`web pages in Chromium${NO_CHROMIUM_REASON}`, () => {
  let browser: Browser
  let pages: Server
  let pagesPort = 0

  beforeAll(async () => {
    browser = await launchChromium([`--host-resolver-rules=MAP ${EVIL} 127.0.0.1`])
    pages = createServer((_, response) => {
      response.setHeader('content-type', 'text/html')
      response.end('<!doctype html><title>A page</title>')
    })
    await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve))
    const address = pages.address()
    pagesPort = typeof address === 'object' ? (address?.port ?? 0) : 0
  })

  afterAll(async () => {
    await browser.close()
    pages.close()
  })

  /** Runs `fetch(url, init)` in a page of the given address. */
  async function fetchFrom(pageUrl: string, url: string, init: object = {}) {
    const page = await browser.newPage()
    try {
      await page.goto(pageUrl)
      const seen: unknown = await page.evaluate(
        `fetch(${JSON.stringify(url)}, ${JSON.stringify(init)}).then(
          async (response) => ({
            status: response.status,
            text: await response.text(),
            task: response.headers.get('x-flocap-task'),
          }),
          (error) => ({ failure: String(error) }),
        )`,
      )
      return Seen.parse(seen)
    } finally {
      await page.close()
    }
  }

  it('of this machine caption as SillyTavern does, and read why a picture is refused', async () => {
    const { url } = await start()
    const page = `http://localhost:${pagesPort}`
    expect(await fetchFrom(page, `${url}/api/modules`)).toMatchObject({ status: 200 })
    const answer = await fetchFrom(page, `${url}/api/caption`, caption())
    expect(answer).toMatchObject({
      status: 200,
      text: expect.stringContaining(CAPTION),
      task: 'more_detailed_caption',
    })
    expect(await fetchFrom(page, `${url}/api/caption`, caption('<'))).toMatchObject({
      status: 400,
      text: expect.stringContaining('must be base64'),
    })
    expect(await fetchFrom(page, `${url}/nowhere`)).toMatchObject({ status: 404 })
  })

  it('of other sites can neither read nor make FloCap work', async () => {
    const { url, captioner } = await start()
    const page = `http://${EVIL}:${pagesPort}`
    const failed = { failure: expect.stringContaining('Failed to fetch') }
    expect(await fetchFrom(page, `${url}/api/modules`)).toMatchObject(failed)
    expect(await fetchFrom(page, `${url}/api/caption`, caption())).toMatchObject(failed)
    const body = JSON.stringify({ image: PNG_BASE64 })
    const simple = { method: 'POST', mode: 'no-cors', body }
    await fetchFrom(page, `${url}/api/caption`, simple)
    expect(captioner.calls).toHaveLength(0)
    // It is FloCap that refuses, not the browser: the same page works where it is allowed.
    const open = await start({}, { settings: { allowedOrigins: [page] } })
    expect(await fetchFrom(page, `${open.url}/api/caption`, caption())).toMatchObject({
      status: 200,
    })
  })

  it('under a name that was made to lead here are refused', async () => {
    const { url, captioner } = await start()
    const rebound = url.replace('127.0.0.1', EVIL)
    const answer = await fetchFrom(`${rebound}/health`, `${rebound}/api/caption`, caption())
    expect(answer).toMatchObject({ status: 403 })
    expect(captioner.calls).toHaveLength(0)
  })

  it('from disk are refused until "null" is allowed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flocap-page-'))
    try {
      const file = join(folder, 'page.html')
      await writeFile(file, '<!doctype html><title>A page from disk</title>')
      const page = pathToFileURL(file).href
      const closed = await start()
      expect(await fetchFrom(page, `${closed.url}/api/modules`)).toMatchObject({
        failure: expect.stringContaining('Failed to fetch'),
      })
      const open = await start({}, { settings: { allowedOrigins: ['null'] } })
      expect(await fetchFrom(page, `${open.url}/api/modules`)).toMatchObject({ status: 200 })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('may be sandboxed frames of any site, which "null" stands for', async () => {
    const closed = await start()
    await askFromFrame(`${closed.url}/api/caption`)
    expect(closed.captioner.calls).toHaveLength(0)
    const open = await start({}, { settings: { allowedOrigins: ['null'] } })
    await askFromFrame(`${open.url}/api/caption`)
    expect(open.captioner.calls).toHaveLength(1)
  })

  /** Sends a "simple" POST, which needs no preflight, from a sandboxed frame. */
  async function askFromFrame(url: string): Promise<void> {
    const page = await browser.newPage()
    try {
      await page.goto(`http://localhost:${pagesPort}`)
      const init = { method: 'POST', mode: 'no-cors', body: JSON.stringify({ image: PNG_BASE64 }) }
      const script =
        `fetch(${JSON.stringify(url)}, ${JSON.stringify(init)})` +
        `.catch(() => 0).then(() => parent.postMessage('done', '*'))`
      await page.evaluate(`new Promise((resolve) => {
        addEventListener('message', () => resolve(), { once: true })
        const frame = document.createElement('iframe')
        frame.sandbox = 'allow-scripts'
        frame.srcdoc = ${JSON.stringify(`<script>${script}</script>`)}
        document.body.append(frame)
      })`)
    } finally {
      await page.close()
    }
  }
})
