// Nothing that is seen moves by itself: not while the page loads, not when a picture comes.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import sharp from 'sharp'
import { z } from 'zod'
import { HAS_CHROMIUM, launchChromium, NO_CHROMIUM_REASON } from '../support/chromium.ts'
import { createFakeCaptioner, DEMO_MODEL } from '../support/fake-captioner.ts'
import { PNG } from '../support/pictures.ts'
import { drop, expectShown, openPage } from './open-page.ts'
import { startWithPage } from './start-with-page.ts'

const picture = { name: 'meadow.png', mimeType: 'image/png', buffer: PNG }

/** Before anything of the page runs. Shifts after an input count like all others. */
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

/** Long enough to see the page wait. */
const ANSWER_MS = 2_000

const Shifts = z.array(z.string())

/** What has moved since the last call. */
async function moved(page: Page): Promise<readonly string[]> {
  await page.evaluate('new Promise((resolve) => setTimeout(resolve, 300))')
  return Shifts.parse(await page.evaluate('shifts.splice(0)'))
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

  it.each(SCREENS)('stays where it is on %s', async (_, viewport) => {
    const captioner = createFakeCaptioner({ model: DEMO_MODEL, delayMs: Infinity })
    const page = await openPage(browser, (await startWithPage({ captioner })).url, { viewport })
    await page.addInitScript(WATCH)
    await page.reload()
    await expectShown(page.getByRole('button', { name: 'Sample 1', exact: true }))
    expect(await moved(page), 'loading').toEqual([])

    await drop(page, picture)
    await expectShown(page.locator('.answer[aria-busy]'))
    expect(await moved(page), 'a picture is chosen').toEqual([])
  })

  it.each(SCREENS)('stays where it is when an answer comes, on %s', async (_, viewport) => {
    const captioner = createFakeCaptioner({ model: DEMO_MODEL, delayMs: ANSWER_MS })
    const page = await openPage(browser, (await startWithPage({ captioner })).url, { viewport })
    await page.addInitScript(WATCH)
    await page.reload()
    await expectShown(page.getByRole('button', { name: 'Sample 1', exact: true }))

    const buffer = await sharp(picture.buffer).resize(640, 480, { fit: 'fill' }).png().toBuffer()
    await drop(page, { ...picture, buffer })
    await expectShown(page.locator('.answer[aria-busy]'))
    await moved(page)
    await expectShown(page.locator('.answer:not([aria-busy])'))
    expect(await moved(page)).toEqual([])
  })
})
