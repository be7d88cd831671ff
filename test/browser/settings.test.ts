// Settings of requests, their code, and the theme of the page, in a browser.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAS_CHROMIUM, launchChromium, NO_CHROMIUM_REASON } from '../support/chromium.ts'
import { createFakeCaptioner } from '../support/fake-captioner.ts'
import { PNG } from '../support/pictures.ts'
import { ask, choose, drop, expectAccessible, expectShown, openPage } from './open-page.ts'
import { startWithPage } from './start-with-page.ts'

const picture = { name: 'meadow.png', mimeType: 'image/png', buffer: PNG }

describe.skipIf(!HAS_CHROMIUM)(`settings of the page${NO_CHROMIUM_REASON}`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
  })

  afterAll(() => browser?.close())

  it('go with the request; what is out of range is said and not asked', async () => {
    const captioner = createFakeCaptioner()
    const page = await openPage(browser, (await startWithPage({ captioner })).url)
    await choose(page, 'Objects')
    await drop(page, picture)
    await expect.poll(() => captioner.calls.length).toBe(1)
    await page.getByText('Settings', { exact: true }).click()
    await page.getByLabel('Beams').fill('99')
    await expectShown(page.getByText('Expected a whole number from 1 to 8, got 99.'))
    expect(await page.getByRole('button', { name: 'Ask', exact: true }).isDisabled()).toBe(true)
    await expectAccessible(page)
    await page.getByLabel('Beams').fill('2')
    await page.getByLabel('Beginning').fill('A photo of')
    await ask(page)
    await expect.poll(() => captioner.calls.length).toBe(2)
    expect(captioner.calls[1]?.request.generation).toMatchObject({
      numBeams: 2,
      prefix: 'A photo of',
    })
    await expectShown(page.getByText('Settings (2 changed)'))
    await page.getByRole('button', { name: 'Back to the server' }).click()
    expect(await page.getByLabel('Beams').inputValue()).toBe('')
  })

  it('come with the code of the request, the key masked and copied', async () => {
    const { url } = await startWithPage({ settings: { apiKeys: ['secret-key'] } })
    const page = await openPage(browser, url, {
      refusals: [401],
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    await page.getByLabel('API key', { exact: true }).fill('secret-key')
    await page.keyboard.press('Enter')
    await choose(page, 'Find what a phrase names')
    await page.getByRole('textbox', { name: 'Text' }).fill('a red car')
    await drop(page, picture)
    const code = page.getByRole('region', { name: 'Code of this request' })
    await expectShown(code.getByText('input=a red car'))
    expect(await code.textContent()).toContain(`${url}/api/v1/caption`)
    expect(await code.textContent()).not.toContain('secret-key')
    await page.getByLabel('This request in').selectOption('Python')
    await expectShown(code.getByText('urllib.request'))
    await page.getByRole('button', { name: 'Copy code' }).click()
    await expect
      .poll(() => page.evaluate('navigator.clipboard.readText()'))
      .toContain('Bearer secret-key')
    await expectAccessible(page)
  })

  it('say what each chosen task does, with an example', async () => {
    const page = await openPage(browser, (await startWithPage()).url)
    await choose(page, 'Find what a phrase names', 'Objects')
    const help = page.getByLabel('What the chosen tasks do')
    await expectShown(help.getByText('Type a name: everything that it fits gets a box.'))
    await expectShown(help.getByText('“a red car” → a box for each red car'))
    expect(await help.locator('dt').allTextContents()).toEqual([
      'Objects',
      'Find what a phrase names',
    ])
  })

  it('of the theme are remembered, and win over the system’s', async () => {
    const { url } = await startWithPage()
    const page = await openPage(browser, url, { colorScheme: 'light' })
    const ground = (): Promise<unknown> =>
      page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
    const light = await ground()
    await page.getByLabel('Theme').selectOption('dark')
    await expect.poll(ground).not.toBe(light)
    await expectAccessible(page)
    await page.reload()
    await expectShown(page.getByText('Drop a picture here'))
    expect(await page.getByLabel('Theme').inputValue()).toBe('dark')
    expect(await ground()).not.toBe(light)
  })

  it('of the server are told in words, with what it is busy with', async () => {
    const { url } = await startWithPage({
      serveCommand: 'npx flocap',
      settings: { manageModels: 'never' },
    })
    const page = await openPage(browser, url)
    await page.getByText('About this server').click()
    await expectShown(page.getByText('florence-2-large').last())
    await expectShown(page.getByText('npx flocap --model base'))
    await expectShown(page.getByText('768 × 768 pixels'))
    await expectAccessible(page)
  })
})
