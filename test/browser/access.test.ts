// Every state of the page, and the page of the API, can be used by everybody on every screen.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAS_CHROMIUM, launchChromium, NO_CHROMIUM_REASON } from '../support/chromium.ts'
import { createFakeCaptioner } from '../support/fake-captioner.ts'
import { PNG } from '../support/pictures.ts'
import { faultsOfLargeText, faultsOnEveryScreen } from './every-screen.ts'
import { drop, expectAccessible, expectShown, openPage } from './open-page.ts'
import { PAGE_WALKS } from './page-states.ts'
import { startWithPage } from './start-with-page.ts'

describe.skipIf(!HAS_CHROMIUM)(`on every screen${NO_CHROMIUM_REASON}`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
  })

  afterAll(() => browser?.close())

  it.each(PAGE_WALKS)('the page can be used: $name', async ({ server, refusals = [], states }) => {
    const { url } = await startWithPage(server())
    const page = await openPage(browser, url, { refusals })
    const faults: string[] = []
    for (const [name, reach] of states) {
      await page.setViewportSize({ width: 1366, height: 768 })
      await reach(page)
      const found = [...(await faultsOnEveryScreen(page)), ...(await faultsOfLargeText(page))]
      faults.push(...found.map((fault) => `${name}, ${fault}`))
    }
    expect(faults).toEqual([])
  })

  it('the page of the API can be used, folded and with every route unfolded', async () => {
    const { url } = await startWithPage()
    const page = await openPage(browser, `${url}/docs`)
    await expectAccessible(page)
    // Everything that the folded page shows is on this one too.
    await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true')
    expect(await faultsOnEveryScreen(page)).toEqual([])
  })

  it('nothing moves by itself where a person does not want it', async () => {
    const captioner = createFakeCaptioner({ delayMs: Infinity })
    const page = await openPage(browser, (await startWithPage({ captioner })).url, {
      reducedMotion: 'reduce',
    })
    await expectShown(page.getByText('Drop a picture here'))
    await drop(page, { name: 'a.png', mimeType: 'image/png', buffer: PNG })
    await expectShown(page.locator('[aria-busy=true]'))
    expect(await page.evaluate('document.getAnimations().length')).toBe(0)
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    // The sign that something is being written.
    await expect.poll(() => page.evaluate('document.getAnimations().length')).toBe(1)
  })
})
