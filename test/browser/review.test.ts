// The page of `flocap review` in a browser, on the built program.
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAS_CHROMIUM, launchChromium, NO_CHROMIUM_REASON } from '../support/chromium.ts'
import { startReviewProgram } from '../support/review-program.ts'
import { referenceCaption, samplePath } from '../support/samples.ts'
import { createFolder, removeFolder, temporaryFolder } from '../support/temporary-folder.ts'
import { faultsOfLargeText, faultsOnEveryScreen } from './every-screen.ts'
import { expectAccessible, expectShown, openPage, type OpenOptions } from './open-page.ts'

const HOSTILE = '<img src=x onerror=alert(1)>'
const CAPTIONS = { a: 'A red house.', b: 'A red boat.', c: HOSTILE, 'd <b>': undefined }

function createAlbum(): string {
  const album = temporaryFolder()
  for (const [stem, caption] of Object.entries(CAPTIONS)) {
    copyFileSync(samplePath('scene-00.png'), join(album, `${stem}.png`))
    if (caption !== undefined) writeFileSync(join(album, `${stem}.txt`), `${caption}\n`)
  }
  return album
}

/** Rows of the list: the choice of a task has options too. */
const pictures = (page: Page, name?: string): Locator =>
  page
    .getByRole('listbox', { name: 'Pictures' })
    .getByRole('option', name === undefined ? {} : { name })

const read = (album: string, name: string): string => readFileSync(join(album, name), 'utf8')

describe.skipIf(!HAS_CHROMIUM)(`the page of a review${NO_CHROMIUM_REASON}`, () => {
  let browser: Browser
  const home = createFolder()

  beforeAll(async () => {
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    removeFolder(home)
  })

  async function openAlbum(options: OpenOptions = {}): Promise<{ album: string; page: Page }> {
    const album = createAlbum()
    const { address } = await startReviewProgram(album, [], { FLOCAP_HOME: home })
    const page = await openPage(browser, address, options)
    await expectShown(pictures(page).first())
    return { album, page }
  }

  it('is worked through with the keyboard alone', async () => {
    const { album, page } = await openAlbum()
    expect(page.url()).not.toContain('#')
    const { keyboard } = page
    await keyboard.press('Enter')
    await keyboard.press('Control+A')
    await keyboard.type('A blue house.')
    await keyboard.press('Control+Enter')
    await expect.poll(() => read(album, 'a.txt')).toBe('A blue house.\n')
    expect(await page.getByRole('textbox', { name: /Caption, in b.txt/ }).inputValue()).toBe(
      'A red boat.',
    )
    await keyboard.press('Escape')
    await keyboard.press('l')
    await expectShown(page.getByRole('button', { name: 'Unlock' }))
    await keyboard.press('ArrowDown')
    await keyboard.press('Delete')
    await expect.poll(() => existsSync(join(album, 'c.txt'))).toBe(false)
    await keyboard.press('u')
    await expect.poll(() => existsSync(join(album, 'c.txt'))).toBe(true)
    await keyboard.press('u')
    await expect.poll(() => read(album, 'a.txt')).toBe('A red house.\n')
    expect(await page.evaluate('document.activeElement.getAttribute("role")')).toBe('listbox')
  })

  it('shows names and captions as text, whatever stands in them', async () => {
    const { page } = await openAlbum()
    await expectShown(pictures(page, HOSTILE))
    await expectShown(pictures(page, 'd <b>.png'))
  })

  it('filters, searches, and replaces in what is shown', async () => {
    const { album, page } = await openAlbum()
    await page.getByRole('button', { name: 'Without caption 1' }).click()
    await expect.poll(() => pictures(page).count()).toBe(1)
    await page.getByRole('button', { name: 'All 4' }).click()
    await page.getByRole('searchbox').fill('boat')
    await expect.poll(() => pictures(page).count()).toBe(1)
    await page.getByRole('button', { name: 'Find and replace' }).click()
    await page.getByLabel('Find', { exact: true }).fill('red')
    await page.getByLabel('Replace by').fill('green')
    await page.getByRole('button', { name: 'Show changes' }).click()
    await expectShown(page.getByText('1 of 1 captions would change'))
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Replace in 1' }).click()
    await expect.poll(() => read(album, 'b.txt')).toBe('A green boat.\n')
    expect(read(album, 'a.txt')).toBe('A red house.\n')
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => read(album, 'b.txt')).toBe('A red boat.\n')
  })

  it('replaces in many, which a later page can take back', async () => {
    const { album, page } = await openAlbum({ refusals: [400] })
    const both = (): string => read(album, 'a.txt') + read(album, 'b.txt')
    await page.getByRole('button', { name: 'Find and replace' }).click()
    await page.getByLabel('Find', { exact: true }).fill('(')
    await page.getByLabel(/Regular expression/).check()
    await page.getByRole('button', { name: 'Show changes' }).click()
    await expectShown(page.getByText('Expected a regular expression to find, got "("'))
    await page.getByLabel('Find', { exact: true }).fill('red (house|boat)')
    await page.getByLabel('Replace by').fill('$1')
    await page.getByRole('button', { name: 'Show changes' }).click()
    await page.getByRole('button', { name: 'Replace in 2' }).click()
    await expect.poll(both).toBe('A house.\nA boat.\n')
    await page.reload()
    await page.getByRole('button', { name: 'Undo replacement in 2' }).click()
    await expect.poll(both).toBe('A red house.\nA red boat.\n')
    await expectShown(page.getByRole('button', { name: 'Undo', exact: true }))
  })

  it('says what the captions are like, and shows those with a frequent word', async () => {
    const { page } = await openAlbum()
    await page.keyboard.press('s')
    await expectShown(page.getByRole('heading', { name: 'Most frequent words' }))
    await expectAccessible(page)
    await page.getByRole('button', { name: 'red 2' }).click()
    await expect.poll(() => pictures(page).count()).toBe(2)
  })

  it('captions a picture again by the keyboard, which can be taken back', async () => {
    const { album, page } = await openAlbum()
    await page.getByLabel('Caption again as').selectOption('caption')
    await page.getByRole('listbox', { name: 'Pictures' }).focus()
    await page.keyboard.press('a')
    await expectShown(page.getByText(/Captioned again by flocap-demo, \d+ % sure/))
    expect(read(album, 'a.txt')).toBe(`${referenceCaption('scene-00.png', '<CAPTION>')}\n`)
    await expectAccessible(page)
    await page.keyboard.press('u')
    await expect.poll(() => read(album, 'a.txt')).toBe('A red house.\n')
  })

  it('shows both texts when a caption was changed meanwhile', async () => {
    const { album, page } = await openAlbum({ refusals: [409] })
    const field = page.getByRole('textbox', { name: /Caption, in a.txt/ })
    await field.fill('Mine.')
    writeFileSync(join(album, 'a.txt'), 'Theirs.\n')
    await field.press('Escape')
    await expectShown(page.getByText('This caption was changed meanwhile.'))
    await expectShown(page.getByText('Theirs.', { exact: true }))
    expect(read(album, 'a.txt')).toBe('Theirs.\n')
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Save mine' }).click()
    await expect.poll(() => read(album, 'a.txt')).toBe('Mine.\n')
  })

  it('can be used by everybody on every screen', async () => {
    const { page } = await openAlbum()
    await expectShown(page.locator('.looked-at img'))
    const faults = [...(await faultsOnEveryScreen(page))]
    await page.keyboard.press('s')
    await page.keyboard.press('r')
    await expectShown(page.getByRole('form', { name: 'Find and replace' }))
    faults.push(...(await faultsOnEveryScreen(page)), ...(await faultsOfLargeText(page)))
    expect(faults).toEqual([])
  })
})
