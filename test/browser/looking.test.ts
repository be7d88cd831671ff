// Looking closely at a picture and at what was found on it, and what the page weighs, in a browser.
import { readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAS_CHROMIUM, launchChromium, NO_CHROMIUM_REASON } from '../support/chromium.ts'
import { createFakeCaptioner, DEMO_MODEL } from '../support/fake-captioner.ts'
import { PNG } from '../support/pictures.ts'
import { choose, drop, expectAccessible, expectShown, openPage } from './open-page.ts'
import { startWithPage } from './start-with-page.ts'

const picture = { name: 'meadow.png', mimeType: 'image/png', buffer: PNG }

/** All that is fetched before a person does anything, samples aside. */
const MOST_FIRST_VIEW_BYTES = 120 * 1024

describe.skipIf(!HAS_CHROMIUM)(`looking at a picture${NO_CHROMIUM_REASON}`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
  })

  afterAll(() => browser?.close())

  async function openWith(text: string, ...tasks: readonly string[]) {
    const captioner = createFakeCaptioner({ text })
    const page = await openPage(browser, (await startWithPage({ captioner })).url)
    await choose(page, ...tasks)
    await drop(page, picture)
    await expectShown(page.locator('.answer:not([aria-busy])').first())
    return { page, captioner }
  }

  it('is done by buttons, keys and wheel, and moving about by scrolling', async () => {
    const { page } = await openWith('A car.', 'Paragraph')
    const shown = page.locator('.stage')
    const width = async (): Promise<number> => (await shown.boundingBox())!.width
    const whole = await width()
    await page.getByRole('button', { name: 'Larger' }).click()
    await expect.poll(width).toBeGreaterThan(whole * 1.4)
    await expectAccessible(page)
    await page.locator('.stage-window').focus()
    await page.keyboard.press('+')
    await expect.poll(width).toBeGreaterThan(whole * 2)
    const offset = 'document.querySelector(".stage-window").scrollLeft'
    expect(await page.evaluate(offset)).toBeGreaterThan(0)
    await page.keyboard.press('0')
    await expect.poll(width).toBeCloseTo(whole, 0)
    await shown.hover()
    await page.keyboard.down('Control')
    await page.mouse.wheel(0, -200)
    await page.keyboard.up('Control')
    await expect.poll(width).toBeGreaterThan(whole * 1.4)
    await page.getByRole('button', { name: 'Smaller' }).click()
    await page.getByRole('button', { name: 'Smaller' }).click()
    await expect.poll(width).toBeCloseTo(whole, 0)
  })

  it('is done by fingers: two zoom and move, one moves, a double tap shows all or a part', async () => {
    const captioner = createFakeCaptioner({ text: 'A car.' })
    const page = await openPage(browser, (await startWithPage({ captioner })).url, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    })
    await expectShown(page.getByText('Drop a picture here'))
    await drop(page, picture)
    await expectShown(page.locator('.answer:not([aria-busy])').first())
    const view = page.locator('.stage-window')
    await view.scrollIntoViewIfNeeded()
    const { x, y, width, height } = (await view.boundingBox())!
    const stageWidth = async (): Promise<number> =>
      (await page.locator('.stage').boundingBox())!.width
    const devTools = await page.context().newCDPSession(page)
    /** Fingers at places of the picture, in shares of its sides. */
    const touch = async (
      type: 'touchStart' | 'touchMove' | 'touchEnd',
      ...places: readonly (readonly [number, number])[]
    ): Promise<void> => {
      const touchPoints = places.map(([across, down], id) => ({
        x: x + width * across,
        y: y + height * down,
        id,
      }))
      await devTools.send('Input.dispatchTouchEvent', { type, touchPoints })
    }
    await touch('touchStart', [0.4, 0.5], [0.6, 0.5])
    for (const spread of [0.15, 0.2, 0.25, 0.3]) {
      await touch('touchMove', [0.5 - spread, 0.5], [0.5 + spread, 0.5])
    }
    await touch('touchEnd')
    await expect.poll(stageWidth).toBeCloseTo(width * 3, -1)
    // The page itself is as large as before.
    expect(await page.evaluate('visualViewport.scale')).toBe(1)
    // What was in the middle is in the middle.
    const scroll = async (): Promise<unknown> =>
      page.evaluate('Math.round(document.querySelector(".stage-window").scrollLeft)')
    const middle = width
    expect(Math.abs(Number(await scroll()) - middle)).toBeLessThan(3)
    // Two fingers that go the same way move it.
    await touch('touchStart', [0.4, 0.5], [0.6, 0.5])
    await touch('touchMove', [0.3, 0.5], [0.5, 0.5])
    await touch('touchEnd')
    await expect.poll(async () => Math.round(Number(await scroll()) - middle)).toBeGreaterThan(20)
    const before = Number(await scroll())
    await touch('touchStart', [0.5, 0.5])
    for (const across of [0.55, 0.6, 0.65, 0.7]) await touch('touchMove', [across, 0.5])
    await touch('touchEnd')
    await expect.poll(scroll).toBeLessThan(before)

    const doubleTap = async (): Promise<void> => {
      for (const _ of [1, 2]) {
        await touch('touchStart', [0.5, 0.5])
        await touch('touchEnd')
      }
    }
    await doubleTap()
    await expect.poll(stageWidth).toBeCloseTo(width, 0)
    await doubleTap()
    await expect.poll(stageWidth).toBeGreaterThan(width * 2)
  })

  it('text that was read can be selected at its place', async () => {
    const { page } = await openWith('STOP', 'Text and where it is')
    await page.locator('.text-layer text', { hasText: 'STOP' }).dblclick()
    expect(await page.evaluate('getSelection().toString().trim()')).toBe('STOP')
  })

  it('says which colour is what where several answers lie over each other', async () => {
    const { page } = await openWith('x', 'Objects', 'Text and where it is')
    const legend = page.locator('.legend')
    await expectShown(legend.getByText('car'))
    await expectShown(legend.getByText('STOP'))
    expect(await legend.locator('dt').allTextContents()).toEqual([
      'Text and where it is',
      'Objects',
    ])
    await expectAccessible(page)
  })

  it('finds the words of a caption: from the word to its box, and from the box to its word', async () => {
    const { page, captioner } = await openWith('A red car on a street.', 'Paragraph')
    await page.getByRole('button', { name: /^Find its words/ }).click()
    const word = page.locator('mark', { hasText: 'car' })
    await expectShown(word)
    expect(captioner.calls[1]?.request).toMatchObject({
      task: 'caption_to_phrase_grounding',
      input: 'A red car on a street.',
    })
    await word.hover()
    await expect.poll(() => page.locator('.overlay .is-active:not(.rim)').count()).toBe(2)
    await page.locator('.overlay path:not(.rim)').dispatchEvent('pointerover')
    await expectShown(page.locator('mark[data-active=true]', { hasText: 'car' }))
    await expectAccessible(page)
  })

  it('never says of the demo model how sure it is', async () => {
    const captioner = createFakeCaptioner({ text: 'A car.', model: DEMO_MODEL })
    const page = await openPage(browser, (await startWithPage({ captioner })).url)
    await expectShown(page.getByText('Drop a picture here'))
    await drop(page, picture)
    await expectShown(page.locator('.measure', { hasText: 'demo model' }))
    expect(await page.locator('.answers').textContent()).not.toMatch(/sure|%/)
  })

  it('begins with little to load', async () => {
    const captioner = createFakeCaptioner({ model: DEMO_MODEL })
    const page = await openPage(browser, (await startWithPage({ captioner })).url)
    await expectShown(page.getByRole('button', { name: 'Ask', exact: true }))
    await expectShown(page.getByRole('button', { name: 'Sample 1', exact: true }))
    const names = await page.evaluate(
      "performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.includes('/assets/')).join(' ')",
    )
    const files = String(names)
      .split(' ')
      .map((name) => new URL(name).pathname)
    expect(files.length).toBeGreaterThan(1)
    const web = new URL('../../dist/web', import.meta.url)
    const sizes = ['/index.html', ...files].map(
      (path) => brotliCompressSync(readFileSync(`${web.pathname}${path}`)).byteLength,
    )
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MOST_FIRST_VIEW_BYTES)
  })
})
