// The contact sheet of `flocap caption --preview` in a browser: made by the built program, with an engine
// of its own and with a server.
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { HAS_CHROMIUM, launchChromium, NO_CHROMIUM_REASON } from '../support/chromium.ts'
import { runProgram, startServerForTest } from '../support/program.ts'
import { referenceCaption, samplePath } from '../support/samples.ts'
import { createFolder, removeFolder, temporaryFolder } from '../support/temporary-folder.ts'
import { expectAccessible, openPage } from './open-page.ts'

const Widths = z.array(z.number())

const HOSTILE = '<img src=x onerror=alert(1)>.png'
const SCENES = ['scene-00.png', 'scene-02.png', 'scene-05.png']

const home = createFolder()
afterAll(() => removeFolder(home))

function createAlbum(): string {
  const album = temporaryFolder()
  for (const scene of SCENES) copyFileSync(samplePath(scene), join(album, scene))
  copyFileSync(samplePath('scene-01.png'), join(album, HOSTILE))
  writeFileSync(join(album, 'bad.png'), 'no picture')
  return album
}

describe.skipIf(!HAS_CHROMIUM)(`the contact sheet of a run${NO_CHROMIUM_REASON}`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
  })

  afterAll(() => browser?.close())

  it.each([['an engine of its own'], ['a server']])('is made with %s', async (kind) => {
    const album = createAlbum()
    const file = join(temporaryFolder(), 'sheet.html')
    const environment = { FLOCAP_HOME: home }
    const server = kind === 'a server' ? await startServerForTest([], { environment }) : undefined
    const { code, stderr } = await runProgram(
      [
        'caption',
        '--task',
        'caption,od',
        '--preview',
        file,
        album,
        ...(server === undefined ? [] : ['--server', server.url]),
      ],
      { environment },
    )
    expect({ code, last: stderr.trim().split('\n').at(-1) }).toEqual({
      code: 1,
      last: 'captioned 4, failed 1',
    })

    const page = await openPage(browser, pathToFileURL(file).href)
    const cards = page.getByRole('article')
    expect(await cards.count()).toBe(5)
    expect(await page.getByRole('heading', { name: HOSTILE }).count()).toBe(1)
    const first = cards.filter({ hasText: 'scene-00.png' })
    expect(await first.innerText()).toContain(referenceCaption('scene-00.png', '<CAPTION>'))
    expect(await first.locator('svg path').count()).toBeGreaterThan(0)
    const widths = Widths.parse(
      await page.evaluate(`Promise.all([...document.images].map(async (image) => {
        await image.decode()
        return image.naturalWidth
      }))`),
    )
    expect(widths).toHaveLength(4)
    for (const width of widths) expect(width).toBeGreaterThan(100)
    await expectAccessible(page)

    await page.getByLabel('Order').selectOption('least sure first')
    const sure = await cards.evaluateAll((all) =>
      all.map((card) => Number(card.getAttribute('data-sure') ?? -1)),
    )
    expect(sure).toEqual(sure.toSorted((a, b) => a - b))
    expect(sure[0]).toBe(-1)
    await page.getByLabel('Search').fill('scene-02')
    expect(await cards.filter({ visible: true }).count()).toBe(1)
  })
})
