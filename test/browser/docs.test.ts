// The page of the API at /docs, in a browser: readable for everybody, in both colour schemes, on a phone.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAS_CHROMIUM, launchChromium, NO_CHROMIUM_REASON } from '../support/chromium.ts'
import { type RunningServer, startTestServer } from '../support/http-app.ts'
import { expectAccessible, openPage } from './open-page.ts'

const WIDTHS = [320, 768, 1920]

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

  describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
    it.each(WIDTHS)('can be read by everybody, %i pixels wide', async (width) => {
      const page = await openPage(browser, `${server.url}/docs`, {
        colorScheme,
        viewport: { width, height: 800 },
      })
      await expectAccessible(page)
      // With every route unfolded: the widest state.
      await page.evaluate(
        'for (const each of document.querySelectorAll("details")) each.open = true',
      )
      await expectAccessible(page)
      const wide = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
      expect(await page.evaluate(wide)).toBe(0)
    })
  })

  it('has its own colours in the dark, links included', async () => {
    const page = await openPage(browser, `${server.url}/docs`, { colorScheme: 'dark' })
    const colourOf = async (what: string, which: string) =>
      page.evaluate(`getComputedStyle(document.querySelector('${what}')).${which}`)
    expect(await colourOf('body', 'backgroundColor')).toBe('rgb(22, 22, 22)')
    expect(await colourOf('a', 'color')).not.toBe('rgb(0, 0, 238)')
  })

  it('can be read with forced colours', async () => {
    const page = await openPage(browser, `${server.url}/docs`, { forcedColors: 'active' })
    await expectAccessible(page)
  })
})
