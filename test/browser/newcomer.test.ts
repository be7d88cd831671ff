// A newcomer meets the page as README.md and docs/guide/page.md describe it: the built program in a home
// of its own, a laptop and a phone. Pictures of each step are left in screenshots/, for people to look at.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { strFromU8, unzipSync } from 'fflate'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { HAS_CHROMIUM, launchChromium, NO_CHROMIUM_REASON } from '../support/chromium.ts'
import { type RunningServer, startServer } from '../support/program.ts'
import { referenceCaption, samplePath } from '../support/samples.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'
import { ask, choose, download, expectShown, isInSight, openPage } from './open-page.ts'

const GUIDE = readFileSync(new URL('../../docs/guide/page.md', import.meta.url), 'utf8')
const SCREENSHOTS = fileURLToPath(new URL('../../screenshots/', import.meta.url))
const SCENES = ['scene-00.png', 'scene-01.png', 'scene-02.png'] as const
const CAPTIONS = SCENES.map((scene) => referenceCaption(scene, '<MORE_DETAILED_CAPTION>'))

const Answered = z.object({
  images: z.array(z.object({ answers: z.array(z.object({ text: z.string() })) })),
})

/** A label that the guide names: were it to change there or on the page, the newcomer would be lost. */
function named(label: string): string {
  expect(GUIDE).toContain(`_${label}_`)
  return label
}

const DEVICES = [
  ['laptop', { viewport: { width: 1366, height: 768 } }],
  ['laptop-dark', { viewport: { width: 1366, height: 768 }, colorScheme: 'dark' }],
  ['phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
] as const

describe.skipIf(!HAS_CHROMIUM)(`a newcomer to the page${NO_CHROMIUM_REASON}`, () => {
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

  it.each(DEVICES)('gets from the address to captions, on a %s', async (device, options) => {
    const page = await openPage(browser, server.url, {
      ...options,
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const show = async (step: string, fullPage = false): Promise<void> => {
      await page.screenshot({ path: `${SCREENSHOTS}${device}-${step}.png`, fullPage })
    }
    await expectShown(page.getByText('Drop a picture here'))
    await show('1-empty')

    await chooseFiles(page, 'Choose pictures', SCENES[0])
    const answer = page.locator('.answer:not([aria-busy])').first()
    await expectShown(answer.getByText(CAPTIONS[0]!))
    await expect.poll(() => isInSight(answer)).toBe(true)
    await show('2-caption')

    await choose(page, 'Objects', 'Text and where it is')
    await ask(page)
    await expectShown(page.locator('.finding').first())
    await expect.poll(() => isInSight(page.locator('.finding').first())).toBe(true)
    await show('3-found')

    expect(GUIDE).toContain(
      `_${await page.getByRole('heading', { level: 2 }).last().textContent()}_`,
    )
    await page.getByLabel('This request in').selectOption('curl')
    await page.getByRole('button', { name: 'Copy code' }).click()
    const code = String(await page.evaluate('navigator.clipboard.readText()'))
    // Where the picture is, as the code says nothing of folders.
    const cwd = dirname(samplePath(SCENES[0]))
    const said = Answered.parse(
      JSON.parse(execFileSync('bash', ['-c', `${code} -s`], { cwd }).toString()),
    )
    const shown = await page.locator('.finding .label').allTextContents()
    expect(said.images[0]?.answers.map(({ text }) => text).join()).toContain(shown[0])

    await choose(page, 'Paragraph')
    await chooseFiles(page, 'Add', SCENES[1], SCENES[2])
    await expectShown(page.getByText('3 of 3 done'))
    const files = unzipSync(new Uint8Array(await download(page, named('Download text files'))))
    expect(strFromU8(files['scene-01.txt']!)).toBe(`${CAPTIONS[1]}\n`)
    const csv = (await download(page, named('Download CSV'))).toString()
    expect(csv).toContain(`"scene-02.png"`)
    expect(csv).toContain(CAPTIONS[2]!.replaceAll('"', '""'))
    const json = (await download(page, named('Download JSON'))).toString()
    expect(JSON.stringify(JSON.parse(json))).toContain(JSON.stringify(CAPTIONS[1]).slice(1, -1))
    await page.getByText(named('About this server')).click()
    await page.getByText(named('Settings'), { exact: true }).click()
    await show('4-all', true)

    // Written to the browser's own store a moment after it was seen.
    await expectShown(page.getByText('Kept in this browser'))
    await page.waitForTimeout(500)
    await page.reload()
    await expectShown(page.getByText('3 of 3 done'))
    await expectShown(page.getByRole('button', { name: 'scene-01.png, answered' }))
    await show('5-reloaded')
    await page.getByRole('button', { name: named('Clear all') }).click()
    await expectShown(page.getByText('Drop a picture here'))
  })
})

async function chooseFiles(page: Page, label: string, ...scenes: readonly string[]) {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByText(label, { exact: true }).click(),
  ])
  await chooser.setFiles(scenes.map(samplePath))
}
