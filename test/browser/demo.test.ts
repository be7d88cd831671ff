// The page in a browser as a user has it: the built program, the bundled model, its own samples.
import { readFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAS_CHROMIUM, launchChromium, NO_CHROMIUM_REASON } from '../support/chromium.ts'
import { type RunningServer, startServer } from '../support/program.ts'
import { listRightSamples, readSample, readSampleTruths } from '../support/samples.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'
import { ask, choose, drop, expectShown, openPage } from './open-page.ts'

/** One of each format that FloCap reads and browsers do not, or did not for long. */
const UNSHOWABLE = [
  'heic-420.heic',
  'tiff-bilevel-group3.tiff',
  'jxl-lossy.jxl',
  'tga-16.tga',
  'netpbm-rgb.ppm',
  'qoi-rgb.qoi',
] as const

const readFixture = (name: string) => ({
  name,
  // As browsers have it that do not know the ending.
  mimeType: '',
  buffer: readFileSync(new URL(`../fixtures/pictures/${name}`, import.meta.url)),
})

/** A scene that the model is known to describe as it was drawn. */
const [scene] = listRightSamples()

describe.skipIf(!HAS_CHROMIUM)(`the page before the demo model${NO_CHROMIUM_REASON}`, () => {
  const home = createFolder()
  let browser: Browser
  let server: RunningServer

  beforeAll(async () => {
    server = await startServer([], { environment: { FLOCAP_HOME: home } })
    browser = await launchChromium()
    await server.printed('Ready')
  })

  afterAll(async () => {
    await browser?.close()
    await server?.stop('SIGKILL')
    removeFolder(home)
  })

  it('captions a sample, finds its things, and draws them into a file', async () => {
    const { file, things } = scene!
    const names = things.map(({ name }) => name)
    const page = await openPage(browser, server.url)
    await expectShown(page.getByText('The demo model is answering.'))
    const buffer = readSample(file)
    await drop(page, { name: file, mimeType: 'image/png', buffer })
    const caption = page.locator('.answer:not([aria-busy]) .answer-text')
    await expectShown(caption)
    for (const name of names) expect(await caption.textContent()).toContain(name)

    await choose(page, 'Objects')
    await ask(page)
    await expectShown(page.locator('.overlay path').first())
    const found = await page.locator('.finding .label').allTextContents()
    expect(found.length).toBeGreaterThan(0)
    for (const name of found) expect(names).toContain(name)
    expect(await page.locator('.overlay path:not(.rim)').count()).toBe(found.length)

    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download drawing' }).click()
    const download = await downloading
    expect(download.suggestedFilename()).toBe(file.replace(/\.\w+$/, '.od.png'))
    const drawing = readFileSync(await download.path())
    expect(drawing.subarray(1, 4).toString()).toBe('PNG')
    expect(drawing.equals(buffer)).toBe(false)
  })

  it('shows what the browser cannot, in every such format, before anything is asked', async () => {
    const page = await openPage(browser, server.url)
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    // A task that waits for a region.
    await choose(page, 'Describe a region')
    await drop(page, ...UNSHOWABLE.map(readFixture))
    const thumbnails =
      "[...document.querySelectorAll('.strip img')].map((each) => each.naturalWidth)"
    await expect
      .poll(() => page.evaluate(thumbnails))
      .toEqual(UNSHOWABLE.map(() => expect.any(Number)))
    // Their sizes are known too: a region can be drawn, or typed.
    for (const name of UNSHOWABLE) {
      await page.getByRole('button', { name: `${name}, not asked yet` }).click()
      await expectShown(page.getByRole('img', { name }))
      await expectShown(page.getByLabel('left', { exact: true }))
    }
    expect(asked).not.toContain('/api/v1/caption')
    // Browsers learn formats, one after the other; a picture that they show is not sent.
    expect(asked).toContain('/api/v1/draw')
  })

  it('offers each sample of the folder', async () => {
    const page = await openPage(browser, server.url)
    await page
      .getByRole('button', { name: `Sample ${readSampleTruths().length}`, exact: true })
      .click()
    await expectShown(page.locator('.answer:not([aria-busy]) .answer-text'))
  })
})
