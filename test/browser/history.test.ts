// What the page keeps of a visit, in a browser: across reloads, until it is cleared, and to take along.
import { strFromU8, unzipSync } from 'fflate'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAS_CHROMIUM, launchChromium, NO_CHROMIUM_REASON } from '../support/chromium.ts'
import { createFakeCaptioner } from '../support/fake-captioner.ts'
import { PNG } from '../support/pictures.ts'
import { choose, download, drop, expectAccessible, expectShown, openPage } from './open-page.ts'
import { startWithPage } from './start-with-page.ts'

const CAPTION = 'A dog runs over a meadow.'
const picture = { name: 'meadow.png', mimeType: 'image/png', buffer: PNG }

describe.skipIf(!HAS_CHROMIUM)(`the visit in the browser${NO_CHROMIUM_REASON}`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
  })

  afterAll(() => browser?.close())

  /** Two pictures with their captions. */
  async function openVisited() {
    const captioner = createFakeCaptioner({ text: CAPTION })
    const page = await openPage(browser, (await startWithPage({ captioner })).url)
    await expectShown(page.getByText('Drop a picture here'))
    await drop(page, picture, { ...picture, name: 'second.png' })
    const results = page.getByRole('region', { name: 'All pictures' })
    await expectShown(results.getByText('2 of 2 done'))
    return { page, captioner, results }
  }

  it('survives a reload, corrected texts included, without asking again', async () => {
    const { page, captioner, results } = await openVisited()
    await results.getByLabel('Paragraph of second.png').fill('A corrected text.')
    await expectShown(page.getByText('Kept in this browser'))
    await page.waitForFunction(keptText('A corrected text.'))
    await page.reload()
    await expectShown(page.getByText('2 of 2 done'))
    await expectShown(page.getByRole('button', { name: 'meadow.png, answered' }))
    expect(await page.getByLabel('Paragraph of second.png').inputValue()).toBe('A corrected text.')
    expect(await page.evaluate("document.querySelector('.stage > img').naturalWidth")).toBe(
      PNG.readUInt32BE(16),
    )
    expect(captioner.calls).toHaveLength(2)
    // Who reads with the keyboard begins at the top.
    expect(await page.evaluate('document.activeElement.localName')).toBe('body')
    await expectAccessible(page)
  })

  it('is cleared with one click, for good', async () => {
    const { page } = await openVisited()
    await expectShown(page.getByText('Kept in this browser'))
    await page.waitForFunction(keptText(CAPTION))
    await page.getByRole('button', { name: 'Clear all' }).click()
    await expectShown(page.getByText('Drop a picture here'))
    await expect.poll(() => page.evaluate('document.activeElement.type')).toBe('file')
    await page.waitForFunction(KEPT_NOTHING)
    await page.reload()
    await expectShown(page.getByText('Drop a picture here'))
    expect(await page.locator('.strip').count()).toBe(0)
  })

  it('stops what is being asked when it is cleared', async () => {
    const captioner = createFakeCaptioner({ delayMs: Infinity })
    const page = await openPage(browser, (await startWithPage({ captioner })).url)
    await expectShown(page.getByText('Drop a picture here'))
    await drop(page, picture)
    await expect.poll(() => captioner.calls.length).toBe(1)
    await page.getByRole('button', { name: 'Clear all' }).click()
    await expect.poll(() => captioner.aborted()).toBe(1)
  })

  it('says so where the browser keeps nothing', async () => {
    const { url } = await startWithPage({ captioner: createFakeCaptioner({ text: CAPTION }) })
    const page = await openPage(browser, url)
    // As some private windows have it.
    await page.addInitScript(
      "IDBFactory.prototype.open = () => { throw new DOMException('No.', 'SecurityError') }",
    )
    await page.reload()
    await expectShown(page.getByText('Drop a picture here'))
    await drop(page, picture)
    await expectShown(page.locator('.answer-text', { hasText: CAPTION }))
    await expectShown(page.getByText('This browser keeps nothing for this page'))
  })

  it('is taken along as text files, CSV or JSON, as it was corrected', async () => {
    const { page, results } = await openVisited()
    await results.getByLabel('Paragraph of meadow.png').fill('Mine.')
    const files = unzipSync(new Uint8Array(await download(page, 'Download text files')))
    expect(Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)])).toEqual([
      ['meadow.txt', 'Mine.\n'],
      ['second.txt', `${CAPTION}\n`],
    ])
    expect((await download(page, 'Download CSV')).toString()).toContain('"Mine."')
    expect((await download(page, 'Download JSON')).toString()).toContain('"text": "Mine."')
    await results.getByRole('button', { name: /^Back to the model/ }).click()
    expect(await page.getByLabel('Paragraph of meadow.png').inputValue()).toBe(CAPTION)
  })

  it('keeps the answer before, beside the new one, and lets one be corrected or removed', async () => {
    const { url } = await startWithPage({ captioner: createFakeCaptioner({ text: CAPTION }) })
    const page = await openPage(browser, url)
    await expectShown(page.getByText('Drop a picture here'))
    await drop(page, picture)
    await expectShown(page.locator('.answer-text', { hasText: CAPTION }))
    await choose(page, 'Objects')
    await page.getByRole('button', { name: 'Ask', exact: true }).click()
    await expectShown(page.locator('.finding').first())
    await expectShown(page.locator('.answer-text', { hasText: CAPTION }))
    await page.getByRole('button', { name: 'Edit the text of Paragraph' }).click()
    await page.keyboard.press('End')
    await page.keyboard.type(' Fast.')
    await page.getByRole('button', { name: 'Done' }).click()
    await expectShown(page.locator('.answer-text', { hasText: `${CAPTION} Fast.` }))
    await page.getByRole('button', { name: 'Remove the answer Objects' }).press('Enter')
    expect(await page.locator('.answer').count()).toBe(1)
    expect(await page.evaluate('document.activeElement.className')).toBe('answers')
  })
})

/** Source text of what is kept, as JSON. */
const KEPT = `new Promise((resolve, reject) => {
  const opening = indexedDB.open('flocap-history')
  opening.onerror = reject
  opening.onsuccess = () => {
    const database = opening.result
    const all = database.transaction('records').objectStore('records').getAll()
    all.onsuccess = () => {
      database.close()
      resolve(JSON.stringify(all.result))
    }
  }
})`

function keptText(text: string): string {
  return `${KEPT}.then((kept) => kept.includes(${JSON.stringify(text)}))`
}

const KEPT_NOTHING = `${KEPT}.then((kept) => kept === '[]')`
