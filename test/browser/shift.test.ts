// Nothing that is seen moves by itself while the page loads.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { HAS_CHROMIUM, launchChromium, NO_CHROMIUM_REASON } from '../support/chromium.ts'
import { createFakeCaptioner, DEMO_MODEL } from '../support/fake-captioner.ts'
import { expectShown, openPage } from './open-page.ts'
import { startWithPage } from './start-with-page.ts'

/** Before anything of the page runs. */
const WATCH = `
  globalThis.shifts = []
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      const moved = sources.map(({ node, previousRect: a, currentRect: b }) =>
        (node?.className || node?.nodeName) + ' from ' + [a.x, a.y, a.width, a.height].map(Math.round)
          + ' to ' + [b.x, b.y, b.width, b.height].map(Math.round))
      shifts.push(value.toFixed(4) + ': ' + moved.join('; '))
    }
  }).observe({ type: 'layout-shift', buffered: true })`

const Shifts = z.array(z.string())

/** What has moved so far. */
async function moved(page: Page): Promise<readonly string[]> {
  await page.evaluate('new Promise((resolve) => setTimeout(resolve, 300))')
  return Shifts.parse(await page.evaluate('shifts'))
}

const SCREENS = [
  ['a phone', { width: 390, height: 844 }],
  ['a laptop', { width: 1366, height: 768 }],
  ['a wide screen', { width: 1920, height: 1080 }],
] as const

describe.skipIf(!HAS_CHROMIUM)(`what is seen${NO_CHROMIUM_REASON}`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
  })

  afterAll(() => browser?.close())

  it.each(SCREENS)('stays where it is while the page loads, on %s', async (_, viewport) => {
    const captioner = createFakeCaptioner({ model: DEMO_MODEL })
    const page = await openPage(browser, (await startWithPage({ captioner })).url, { viewport })
    await page.addInitScript(WATCH)
    await page.reload()
    await expectShown(page.getByRole('button', { name: 'Sample 1', exact: true }))
    expect(await moved(page)).toEqual([])
  })
})
