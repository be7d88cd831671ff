// Models and batches of the server, on the page: who may change them, and what is seen of it.
import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMetrics } from '../../src/base/metrics.ts'
import { submitBatch } from '../support/batch-client.ts'
import { startBatchServer } from '../support/batch-server.ts'
import { HAS_CHROMIUM, launchChromium, NO_CHROMIUM_REASON } from '../support/chromium.ts'
import { createFakeModels } from '../support/fake-models.ts'
import { expectAccessible, expectShown, focused, openPage } from './open-page.ts'
import { openBuiltPage, startWithPage } from './start-with-page.ts'

const PULL = {
  model: 'base',
  state: 'running',
  step: 'downloading 25 %',
  received_bytes: 116_000_000,
  total_bytes: 466_000_000,
  bytes_per_second: 12_000_000,
  seconds_left: 30,
  error: null,
} as const

const ERROR = { code: 'disk_full', message: 'The disk is full.', hint: 'Make room.' }

async function openPanel(page: Page): Promise<void> {
  await page.getByText('About this server').click()
}

describe.skipIf(!HAS_CHROMIUM)(`the server on the page${NO_CHROMIUM_REASON}`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
  })

  afterAll(() => browser?.close())

  it('downloads a model, with its progress in words, until it is stopped', async () => {
    const models = createFakeModels()
    const page = await openPage(browser, (await startWithPage({ models })).url)
    await openPanel(page)
    const list = page.getByRole('list', { name: 'Models on this machine' })
    await expectShown(list.getByText('answers now'))
    await page.getByText('1 more to download').click()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Pull base' }).click()
    await expect.poll(() => models.calls).toEqual(['pull base'])
    expect(await focused(page)).toBe('model-news')
    models.tell({ pull: PULL })
    await expectShown(page.getByText('base is being downloaded.'))
    await expectShown(page.getByText('116 MB of 466 MB, 12.0 MB a second, about 30 seconds left'))
    const bar = page.getByRole('progressbar', { name: 'Download of base' })
    expect(await bar.getAttribute('value')).toBe('116000000')
    await expectAccessible(page)
    // One at a time: what would be refused is not asked.
    await page.getByRole('button', { name: 'Pull base' }).click({ force: true })
    await page.getByRole('button', { name: 'Cancel the download of base' }).click()
    await expect.poll(() => models.calls).toEqual(['pull base', 'cancel'])
    models.tell({ pull: { ...PULL, state: 'failed', step: 'failed', error: ERROR } })
    await expectShown(page.getByText('base could not be downloaded. The disk is full. Make room.'))
    await expectAccessible(page)
    // The download goes on with the server, not with the page.
    models.tell({ pull: PULL })
    await page.reload()
    await openPanel(page)
    await expectShown(page.getByText('base is being downloaded.'))
  })

  it('switches to another model, and says how that went', async () => {
    const models = createFakeModels()
    const page = await openPage(browser, (await startWithPage({ models })).url)
    await openPanel(page)
    await page.getByRole('button', { name: 'Switch to large' }).click()
    await expect.poll(() => models.calls).toEqual(['switch large'])
    models.tell({
      switch: { model: 'large', state: 'running', step: 'compiling 40 %', error: null },
    })
    await expectShown(
      page.getByText('Switching to large: compiling 40 %. Pictures wait meanwhile.'),
    )
    await expectAccessible(page)
    models.tell({ switch: { model: 'large', state: 'failed', step: 'failed', error: ERROR } })
    await expectShown(
      page.getByText('large could not be loaded, so the model before answers. The disk is full.'),
    )
    expect(await focused(page)).toBe('model-news')
  })

  it('shows those who may not change it nothing to press, and says why', async () => {
    const models = createFakeModels()
    const { url } = await startWithPage({ models, settings: { manageModels: 'never' } })
    const page = await openPage(browser, url)
    await openPanel(page)
    await expectShown(page.getByText('This server was started with --manage-models never.'))
    expect(await page.getByRole('button', { name: /^(?:Pull|Switch)/ }).count()).toBe(0)
    await expectAccessible(page)
  })

  it.each([
    ['a phone', { width: 360, height: 740 }],
    ['a laptop', { width: 1366, height: 768 }],
  ])('fits %s', async (_, viewport) => {
    const models = createFakeModels()
    models.tell({ pull: PULL })
    const page = await openPage(browser, (await startWithPage({ models })).url, { viewport })
    await openPanel(page)
    await expectShown(page.getByText('base is being downloaded.'))
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
      viewport.width,
    )
    await expectAccessible(page)
  })

  it('shows batches with how far they are, what they answered, and ends them', async () => {
    const server = await startBatchServer({
      ...(await openBuiltPage()),
      metrics: createMetrics(),
      models: createFakeModels(),
    })
    const page = await openPage(browser, server.url)
    const line = JSON.stringify({
      custom_id: 'one',
      method: 'POST',
      url: '/api/v1/caption',
      body: { image: 'no picture' },
    })
    await submitBatch(server.url, '/api/v1/caption', [line])
    await openPanel(page)
    await page.getByText('Batches', { exact: true }).click()
    await expectShown(page.getByText('Completed: 1 of 1 lines, 1 failed'))
    await expectAccessible(page)
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: /^Download failures/ }).click()
    const saved = await download
    expect(saved.suggestedFilename()).toMatch(/^batch_.*-error\.jsonl$/)
    expect(readFileSync(await saved.path(), 'utf8')).toContain('"custom_id":"one"')
  })
})
