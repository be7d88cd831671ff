// The page of the API at /docs, in a browser. That everybody can read it is tested with the page's states.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAS_CHROMIUM, launchChromium, NO_CHROMIUM_REASON } from '../support/chromium.ts'
import { type RunningServer, startTestServer } from '../support/http-app.ts'
import { openPage } from './open-page.ts'

describe.skipIf(!HAS_CHROMIUM)(`the page of the API${NO_CHROMIUM_REASON}`, () => {
  let browser: Browser
  let server: RunningServer

  beforeAll(async () => {
    server = await startTestServer()
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  it('has its own colours in the dark, links included', async () => {
    const page = await openPage(browser, `${server.url}/docs`, { colorScheme: 'dark' })
    const colourOf = async (what: string, which: string) =>
      page.evaluate(`getComputedStyle(document.querySelector('${what}')).${which}`)
    expect(await colourOf('body', 'backgroundColor')).toBe('rgb(22, 22, 22)')
    expect(await colourOf('a', 'color')).not.toBe('rgb(0, 0, 238)')
  })
})
