// The page in a browser, watched: what it asks of other hosts, what its console says, whether people
// who cannot see it can use it.
import { readFileSync } from 'node:fs'
import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { z } from 'zod'

export interface OpenOptions extends BrowserContextOptions {
  /** Answers that the server is meant to refuse with: browsers note each in the console. */
  readonly refusals?: readonly number[]
}

const REFUSAL = /the server responded with a status of (\d+)/

/** Opens the page and, when the test ends, checks what was seen meanwhile. */
export async function openPage(
  browser: Browser,
  url: string,
  { refusals = [], ...options }: OpenOptions = {},
): Promise<Page> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const faults: string[] = []
  const hosts = new Set<string>()
  page.on('console', (message) => {
    const status = REFUSAL.exec(message.text())?.[1]
    const isMeant = status !== undefined && refusals.includes(Number(status))
    if (message.type() === 'error' && !isMeant) faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url())
    if (protocol !== 'blob:') hosts.add(host)
  })
  onTestFinished(async () => {
    await context.close()
    expect(faults).toEqual([])
    expect([...hosts]).toEqual([new URL(url).host])
  })
  await page.goto(url)
  return page
}

/** Waits until it can be seen. @throws when it never can. */
export async function expectShown(found: Locator): Promise<void> {
  await found.waitFor()
}

/** Whether all of it is inside the window. */
export async function isInSight(found: Locator): Promise<boolean> {
  const [box, window] = [await found.boundingBox(), found.page().viewportSize()]
  return box !== null && window !== null && box.y >= 0 && box.y + box.height <= window.height
}

/** The class of what has the focus. */
export async function focused(page: Page): Promise<unknown> {
  return page.evaluate('document.activeElement.className')
}

const Violations = z.array(
  z.object({ id: z.string(), help: z.string(), nodes: z.array(z.object({ html: z.string() })) }),
)

/** WCAG 2.2 AA as far as a program can tell, contrast included. */
export async function expectAccessible(page: Page): Promise<void> {
  // Colours that are on their way are no colours to measure.
  await page.evaluate('Promise.allSettled(document.getAnimations().map((each) => each.finished))')
  await page.evaluate(axe.source)
  const found: unknown = await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then(({ violations }) => violations)`,
  )
  expect(
    Violations.parse(found).map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]),
  ).toEqual([])
}

export interface TestFile {
  readonly name: string
  readonly mimeType: string
  readonly buffer: Buffer
}

/** As from a file manager, anywhere on the page. */
export async function drop(page: Page, ...files: readonly TestFile[]): Promise<void> {
  const dataTransfer = await page.evaluateHandle(transferOf(files))
  await page.dispatchEvent('body', 'dragover', { dataTransfer })
  await page.dispatchEvent('body', 'drop', { dataTransfer })
}

export async function paste(page: Page, ...files: readonly TestFile[]): Promise<void> {
  await page.evaluate(
    `document.body.dispatchEvent(new ClipboardEvent('paste', {
      bubbles: true,
      clipboardData: ${transferOf(files)},
    }))`,
  )
}

/** Source text of a DataTransfer with the files in it. */
function transferOf(files: readonly TestFile[]): string {
  const made = files.map(
    ({ name, mimeType, buffer }) =>
      `new File([Uint8Array.from(atob('${buffer.toString('base64')}'), (c) => c.charCodeAt(0))],
        ${JSON.stringify(name)}, { type: '${mimeType}' })`,
  )
  return `(() => {
    const transfer = new DataTransfer()
    for (const file of [${made.join(', ')}]) transfer.items.add(file)
    return transfer
  })()`
}

export function task(page: Page, title: string): Locator {
  return page.getByRole('checkbox', { name: title, exact: true })
}

/** Chooses these tasks and no others. */
export async function choose(page: Page, ...titles: readonly string[]): Promise<void> {
  await page.locator('input[name=task]').first().waitFor()
  const checked = page.locator('input[name=task]:checked')
  // Each leaves the list when it is unchecked.
  for (let count = await checked.count(); count > 0; count -= 1) await checked.first().uncheck()
  for (const title of titles) await task(page, title).check()
}

export async function ask(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Ask', exact: true }).click()
}

/** What the button saves. */
export async function download(page: Page, button: string): Promise<Buffer> {
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: button }).click()
  return readFileSync(await (await downloading).path())
}
