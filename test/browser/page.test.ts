// The built page in a browser, before a server whose captioner is a stand-in: every state of it can
// be had at once.
import { readFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { FlocapError } from '../../src/base/errors.ts'
import type { TasksCaptioner } from '../../src/caption/captioner.ts'
import type { Readiness } from '../../src/http/surface.ts'
import { HAS_CHROMIUM, launchChromium, NO_CHROMIUM_REASON } from '../support/chromium.ts'
import { createFakeCaptioner, DEMO_MODEL } from '../support/fake-captioner.ts'
import type { TestHttpOptions } from '../support/http-app.ts'
import { PICTURES, PNG } from '../support/pictures.ts'
import {
  ask,
  choose,
  drop,
  expectAccessible,
  expectShown,
  focused,
  isInSight,
  openPage,
  paste,
  task,
} from './open-page.ts'
import { startWithPage as startServer } from './start-with-page.ts'

const CAPTION = 'A dog runs over a meadow.'
const picture = { name: 'meadow.png', mimeType: 'image/png', buffer: PNG }

async function startWithPage(options: TestHttpOptions = {}) {
  return startServer({ captioner: createFakeCaptioner({ text: CAPTION }), ...options })
}

/** Gives the first words at once and the rest when it is told to. */
function createSlowCaptioner() {
  const whole = createFakeCaptioner({ text: CAPTION })
  let finish = (): void => undefined
  const told = new Promise<void>((resolve) => {
    finish = resolve
  })
  const captionTasks: TasksCaptioner['captionTasks'] = async (request, hooks) => {
    hooks?.onText?.(0, 'A dog runs')
    await told
    hooks?.onText?.(0, ' over a meadow.')
    return whole.captionTasks(request)
  }
  const captioner: TasksCaptioner = { ...whole, captionTasks }
  return { captioner, finish }
}

describe.skipIf(!HAS_CHROMIUM)(`the page${NO_CHROMIUM_REASON}`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
  })

  afterAll(() => browser?.close())

  describe('captions within one action', () => {
    it('what is dropped', async () => {
      const page = await openPage(browser, (await startWithPage()).url)
      await expectShown(page.getByText('Drop a picture here'))
      await drop(page, picture)
      await expectShown(page.locator('.answer-text', { hasText: CAPTION }))
      await expectShown(page.getByRole('img', { name: 'meadow.png' }))
      // For who does not see it appear.
      expect(await page.getByRole('status').allTextContents()).toContain(CAPTION)
    })

    it('what is pasted', async () => {
      const page = await openPage(browser, (await startWithPage()).url)
      await expectShown(page.getByText('Drop a picture here'))
      await paste(page, picture)
      await expectShown(page.locator('.answer-text', { hasText: CAPTION }))
    })

    it('what is chosen, several too, each by itself', async () => {
      const captioner = createFakeCaptioner()
      const { url } = await startWithPage({ captioner })
      // This server does not draw.
      const page = await openPage(browser, url, { refusals: [400] })
      await page
        .getByLabel('Choose pictures')
        .setInputFiles([
          picture,
          { name: 'b.jpg', mimeType: 'image/jpeg', buffer: PICTURES['jpeg']! },
        ])
      await expectShown(
        page.getByText(`A more_detailed_caption of ${PNG.byteLength} bytes.`).first(),
      )
      await page.getByRole('button', { name: 'b.jpg, answered' }).click()
      await expectShown(
        page.getByText(`A more_detailed_caption of ${PICTURES['jpeg']!.byteLength} bytes.`).first(),
      )
      // It is no real JPEG: the page says so instead of showing a broken picture.
      await expectShown(page.getByText('This browser cannot show b.jpg'))
      // Nothing was asked again to show it.
      expect(captioner.calls).toHaveLength(2)
    })

    it('a sample', async () => {
      const page = await openPage(browser, (await startWithPage()).url)
      await page.getByRole('button', { name: 'Sample 1', exact: true }).click()
      await expectShown(page.locator('.answer-text', { hasText: CAPTION }))
    })
  })

  it('shows a caption while it grows', async () => {
    const { captioner, finish } = createSlowCaptioner()
    const page = await openPage(browser, (await startWithPage({ captioner })).url)
    await expectShown(page.getByText('Drop a picture here'))
    await drop(page, picture)
    const growing = page.locator('[aria-busy=true] .answer-text')
    await expectShown(growing.getByText('A dog runs', { exact: true }))
    await expectShown(page.getByRole('button', { name: 'Stop' }))
    finish()
    await expectShown(page.locator('.answer-text', { hasText: CAPTION }))
    expect(await growing.count()).toBe(0)
  })

  it('stops a caption on request', async () => {
    const captioner = createFakeCaptioner({ delayMs: Infinity })
    const page = await openPage(browser, (await startWithPage({ captioner })).url)
    await expectShown(page.getByText('Drop a picture here'))
    await drop(page, picture)
    await expect.poll(() => captioner.calls.length).toBe(1)
    await page.getByRole('button', { name: 'Stop' }).click()
    await expect.poll(() => captioner.aborted()).toBe(1)
    await expectShown(page.getByRole('button', { name: 'Ask', exact: true }))
  })

  it('asks several tasks in one request and draws what they found', async () => {
    const page = await openPage(browser, (await startWithPage()).url)
    const asked: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'POST') asked.push(request.url())
    })
    await choose(page, 'Short caption', 'Objects', 'Text and where it is')
    await drop(page, picture)
    await expectShown(page.locator('.overlay path:not(.rim)').first())
    expect(asked).toHaveLength(1)
    const finding = page.getByRole('button', { name: /car 34, 160 to 597, 372/ })
    await finding.focus()
    await expect.poll(() => page.locator('.overlay .is-active:not(.rim)').count()).toBe(2)
    // Both drawings lie over the picture, each in colours of its own.
    const strokes = page.locator('.overlay path:not(.rim)')
    const colours = await page.evaluate(
      "[...document.querySelectorAll('.overlay path:not(.rim)')].map((each) => each.getAttribute('stroke'))",
    )
    expect(new Set(z.array(z.string()).parse(colours)).size).toBe(2)
    // And from the picture to the list.
    await page
      .locator('.overlay', { hasText: 'STOP' })
      .locator('path:not(.rim)')
      .dispatchEvent('pointerover')
    await expectShown(page.locator('.finding[data-active=true]', { hasText: 'STOP' }))
    const toggle = page.getByRole('button', { name: /^On the picture.*Text and where/ })
    await toggle.click()
    expect(await strokes.count()).toBe(1)
    // One that is hidden comes back when one of its findings is looked at.
    await page.getByRole('button', { name: /STOP 10, 10 to 50, 30/ }).hover()
    await expectShown(page.locator('.overlay text', { hasText: 'STOP' }))
    await expectAccessible(page)
  })

  it('sends the text that a task takes', async () => {
    const captioner = createFakeCaptioner()
    const page = await openPage(browser, (await startWithPage({ captioner })).url)
    await choose(page, 'Find what a phrase names')
    await drop(page, picture)
    await expectShown(page.getByText('Type the text that the task asks for.'))
    await page.getByRole('textbox', { name: 'Text' }).fill('a red car')
    await page.keyboard.press('Enter')
    await expect.poll(() => captioner.calls.length).toBe(1)
    expect(captioner.calls[0]?.request).toMatchObject({ input: 'a red car' })
  })

  /** A picture with a task that waits for a region. */
  async function openForRegion() {
    const captioner = createFakeCaptioner()
    const page = await openPage(browser, (await startWithPage({ captioner })).url)
    await choose(page, 'Describe a region')
    await drop(page, picture)
    await expectShown(page.getByText('Mark a region on the picture.'))
    return { page, captioner }
  }

  describe('a region', () => {
    it('is drawn with the mouse, in pixels of the picture', async () => {
      const { page, captioner } = await openForRegion()
      const shown = (await page.locator('.region-layer').boundingBox())!
      await page.mouse.move(shown.x + shown.width / 4, shown.y + shown.height / 4)
      await page.mouse.down()
      await page.mouse.move(shown.x + shown.width / 2, shown.y + shown.height / 2, { steps: 4 })
      await page.mouse.up()
      await ask(page)
      await expect.poll(() => captioner.calls.length).toBe(1)
      const { region } = captioner.calls[0]!.request
      const [width, height] = [PNG.readUInt32BE(16), PNG.readUInt32BE(20)]
      const drawn = [width / 4, height / 4, width / 2, height / 2]
      expect(region?.unit).toBe('pixel')
      region?.box.forEach((edge, index) => expect(Math.abs(edge - drawn[index]!)).toBeLessThan(3))
      // And it can be read and corrected.
      expect(await page.getByLabel('left').inputValue()).toBe(String(region?.box[0]))
    })

    it('is typed', async () => {
      const { page, captioner } = await openForRegion()
      for (const [edge, value] of Object.entries({ left: 10, top: 20, right: 5, bottom: 40 })) {
        await page.getByLabel(edge, { exact: true }).fill(String(value))
      }
      await expectShown(page.getByText('The right edge must be right of the left'))
      expect(await page.getByRole('button', { name: 'Ask', exact: true }).isDisabled()).toBe(true)
      await expectAccessible(page)
      await page.getByLabel('right').fill('30')
      await ask(page)
      await expect.poll(() => captioner.calls.length).toBe(1)
      expect(captioner.calls[0]?.request.region).toEqual({ unit: 'pixel', box: [10, 20, 30, 40] })
    })
  })

  it('shows what the API refuses, with what to do', async () => {
    const page = await openPage(browser, (await startWithPage()).url, { refusals: [400] })
    await expectShown(page.getByText('Drop a picture here'))
    await drop(page, {
      name: 'notes.png',
      mimeType: 'image/png',
      buffer: Buffer.from('no picture'),
    })
    const alert = page.getByRole('alert')
    await expectShown(alert.getByText('The bytes are not an image FloCap can read.'))
    expect(await alert.textContent()).toContain('Send a JPEG, PNG')
    await expectAccessible(page)
  })

  it('lets what may succeed later be tried again', async () => {
    const error = new FlocapError('queue_full', 'Full.', { hint: 'Wait.' })
    const failing = createFakeCaptioner({ error })
    const working = createFakeCaptioner({ text: CAPTION })
    let isFull = true
    const captioner: TasksCaptioner = {
      ...working,
      captionTasks: (request, hooks) => (isFull ? failing : working).captionTasks(request, hooks),
    }
    const page = await openPage(browser, (await startWithPage({ captioner })).url, {
      refusals: [503],
    })
    await expectShown(page.getByText('Drop a picture here'))
    await drop(page, picture)
    const again = page.getByRole('button', { name: 'Try again' })
    await expectShown(again)
    isFull = false
    await again.click()
    await expectShown(page.locator('.answer-text', { hasText: CAPTION }))
  })

  it('asks for the key that the server wants, and keeps it out of addresses', async () => {
    const { url } = await startWithPage({ settings: { apiKeys: ['secret-key'] } })
    const page = await openPage(browser, url, { refusals: [401] })
    const addresses: string[] = []
    page.on('request', (request) => addresses.push(request.url()))
    await expectShown(page.getByRole('heading', { name: 'This server asks for an API key' }))
    await expectAccessible(page)
    // A picture that comes before the key waits for it.
    await drop(page, picture)
    await page.getByLabel('API key', { exact: true }).fill('wrong')
    await page.keyboard.press('Enter')
    await expectShown(page.getByText('That key was refused.'))
    await page.getByLabel('API key', { exact: true }).fill('secret-key')
    await page.keyboard.press('Enter')
    await expectShown(page.locator('.answer-text', { hasText: CAPTION }))
    expect(addresses.join()).not.toContain('secret-key')
    expect(await page.evaluate('[sessionStorage.length, localStorage.length]')).toEqual([1, 0])
    await page.getByRole('button', { name: 'Forget API key' }).click()
    await expectShown(page.getByRole('heading', { name: 'This server asks for an API key' }))
    expect(await page.evaluate('[sessionStorage.length, localStorage.length]')).toEqual([0, 0])
  })

  it('remembers a key beyond the tab only when it is told to', async () => {
    const { url } = await startWithPage({ settings: { apiKeys: ['secret-key'] } })
    const page = await openPage(browser, url, { refusals: [401] })
    await page.getByLabel('API key', { exact: true }).fill('secret-key')
    await page.getByLabel(/Remember it/).check()
    await page.getByRole('button', { name: 'Use this key' }).click()
    await expectShown(task(page, 'Objects'))
    expect(await page.evaluate('[sessionStorage.length, localStorage.length]')).toEqual([0, 1])
  })

  it('tells how far a download is, and answers what came meanwhile', async () => {
    let state: Readiness = { ready: false, reason: 'downloading 42 %' }
    const { url } = await startWithPage({ readiness: () => state })
    const page = await openPage(browser, url, { refusals: [503] })
    await expectShown(page.getByText('It is downloading 42 %.'))
    expect(await page.getByRole('progressbar').getAttribute('value')).toBe('42')
    await expectAccessible(page)
    await drop(page, picture)
    await expectShown(page.getByText('Waiting for its turn'))
    state = { ready: false, reason: 'downloading 99 %' }
    await expectShown(page.getByText('It is downloading 99 %.'))
    state = { ready: true }
    await expectShown(page.locator('.answer-text', { hasText: CAPTION }))
    expect(await page.getByText('The model is on its way.').count()).toBe(0)
  })

  it('says why a model could not be had', async () => {
    const reason = 'There is no model owner/name.'
    const readiness = () => ({ ready: false, status: 'failed', reason }) as const
    const { url } = await startWithPage({ readiness })
    const page = await openPage(browser, url, { refusals: [503] })
    await expectShown(page.getByText(reason))
  })

  it('says plainly that the demo model answers, and says nothing of it otherwise', async () => {
    const captioner = createFakeCaptioner({ model: DEMO_MODEL })
    const demo = await startWithPage({ captioner, serveCommand: 'npx flocap' })
    const page = await openPage(browser, demo.url)
    await expectShown(page.getByText('The demo model is answering.'))
    await expectShown(page.locator('.notice').getByText('npx flocap --model base'))
    await page.getByRole('button', { name: 'Close the notice about the demo model' }).click()
    // It says the same each time: closed once, it stays so.
    await page.reload()
    await expectShown(page.locator('.model-name', { hasText: 'flocap-demo' }))
    expect(await page.getByText('The demo model is answering.').count()).toBe(0)
    const real = await openPage(browser, (await startWithPage()).url)
    await expectShown(real.locator('.model-name', { hasText: 'florence-2-large' }))
    await expectShown(real.locator('.model-detail', { hasText: 'computes in int8' }))
    expect(await real.getByText('The demo model is answering.').count()).toBe(0)
  })

  it('tells clients the address of this server, to copy', async () => {
    const { url } = await startWithPage()
    const page = await openPage(browser, url, {
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    await page.getByRole('button', { name: 'Copy for Anything that speaks OpenAI' }).click()
    await expectShown(page.getByText('Copied'))
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`${url}/v1`)
  })

  it('copies an answer as text and as JSON', async () => {
    const { url } = await startWithPage()
    const page = await openPage(browser, url, {
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    await expectShown(page.getByText('Drop a picture here'))
    await drop(page, picture)
    await page.getByRole('button', { name: /^Copy text/ }).click()
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(CAPTION)
    await page.getByRole('button', { name: /^Copy JSON/ }).click()
    await expect
      .poll(() =>
        page.evaluate('navigator.clipboard.readText().then(JSON.parse)').catch(() => null),
      )
      .toMatchObject({ task: 'more_detailed_caption', text: CAPTION })
  })

  describe.each([
    ['a laptop', { width: 1366, height: 768 }],
    ['a phone', { width: 360, height: 740 }],
  ])('on %s', (_, viewport) => {
    it('Ask is in sight beside the tasks, and then the answer is', async () => {
      const captioner = createFakeCaptioner({ text: CAPTION, model: DEMO_MODEL })
      const page = await openPage(browser, (await startWithPage({ captioner })).url, { viewport })
      await expectShown(page.getByText('Drop a picture here'))
      await drop(page, picture)
      const answer = page.locator('.answer:not([aria-busy])').first()
      await expectShown(answer)
      await expect.poll(() => isInSight(answer)).toBe(true)
      expect(await focused(page)).toBe('answers')
      await task(page, 'Objects').check()
      const button = page.getByRole('button', { name: 'Ask', exact: true })
      expect(await isInSight(button)).toBe(true)
      await button.click()
      await expectShown(page.locator('.finding'))
      await expect.poll(() => isInSight(page.locator('.finding'))).toBe(true)
      expect(await focused(page)).toBe('answers')
    })
  })

  describe('is silent about nothing', () => {
    it.each([
      [{ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('x') }, 'is no picture'],
      [{ name: 'a.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF') }, 'is a PDF'],
      [{ name: 'a.png', mimeType: 'image/png', buffer: Buffer.alloc(0) }, 'is empty'],
    ])('that it cannot take: %o', async (file, reason) => {
      const page = await openPage(browser, (await startWithPage()).url)
      await expectShown(page.getByText('Drop a picture here'))
      await drop(page, file, picture)
      await expectShown(page.getByRole('alert').getByText(`${file.name} ${reason}`))
      // What came with it is taken all the same.
      await expectShown(page.locator('.answer-text', { hasText: CAPTION }))
      await expectAccessible(page)
      await page.getByRole('button', { name: 'Close this message' }).press('Enter')
      expect(await page.getByRole('alert').count()).toBe(0)
      expect(await page.evaluate('document.activeElement.localName')).toBe('main')
    })

    it('a link, which does not lead away', async () => {
      const { url } = await startWithPage()
      const page = await openPage(browser, url)
      await expectShown(page.getByText('Drop a picture here'))
      const isTaken = await page.evaluate(`(() => {
        const dataTransfer = new DataTransfer()
        dataTransfer.setData('text/uri-list', 'http://example.com/a.png')
        return ['dragover', 'drop'].map((type) => !document.body.dispatchEvent(
          new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer })))
      })()`)
      expect(isTaken).toEqual([true, true])
      await expectShown(page.getByRole('alert').getByText('That was a link or a text'))
    })

    it("a picture that the browser cannot show: FloCap's view of it comes before the answer", async () => {
      const { captioner, finish } = createSlowCaptioner()
      const { url } = await startWithPage({
        captioner,
        drawing: { png: () => Promise.resolve(PNG), preview: () => Promise.resolve(PNG) },
      })
      const page = await openPage(browser, url)
      await expectShown(page.getByText('Drop a picture here'))
      await drop(page, { name: 'b.jpg', mimeType: 'image/jpeg', buffer: PICTURES['jpeg']! })
      await expectShown(page.getByRole('img', { name: 'b.jpg' }))
      await expect
        .poll(() =>
          page.evaluate(
            "[...document.querySelectorAll('.stage > img, .strip img')].map((each) => each.naturalWidth)",
          ),
        )
        .toEqual([PNG.readUInt32BE(16), PNG.readUInt32BE(16)])
      expect(await page.locator('[aria-busy=true]').count()).toBe(1)
      finish()
      await expectShown(page.locator('.answer-text', { hasText: CAPTION }))
    })
  })

  it('asks by itself once more when the connection broke in the middle, and keeps the tasks', async () => {
    const captioner = createFakeCaptioner({ text: CAPTION })
    const page = await openPage(browser, (await startWithPage({ captioner })).url)
    let broken = 1
    await page.route('**/api/v1/caption', async (route) => {
      if (broken === 0) return route.continue()
      broken -= 1
      // A stream that ends before its answer.
      return route.fulfill({ contentType: 'text/event-stream', body: '' })
    })
    await expectShown(page.getByText('Drop a picture here'))
    await drop(page, picture)
    await expectShown(page.locator('.answer-text', { hasText: CAPTION }))
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0)
    await expectShown(task(page, 'Objects'))
  })

  it('lists the answers about several pictures, to copy and to save together', async () => {
    const page = await openPage(browser, (await startWithPage()).url, {
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    await expectShown(page.getByText('Drop a picture here'))
    await drop(page, picture, { ...picture, name: 'second.png' })
    const results = page.getByRole('region', { name: 'All pictures' })
    await expectShown(results.getByText('2 of 2 done'))
    expect(await results.getByRole('textbox').count()).toBe(2)
    await results.getByRole('button', { name: /^Copy all/ }).click()
    await expect
      .poll(() => page.evaluate('navigator.clipboard.readText()'))
      .toBe(`meadow.png\n${CAPTION}\n\nsecond.png\n${CAPTION}`)
    const downloading = page.waitForEvent('download')
    await results.getByRole('button', { name: 'Download CSV' }).click()
    const csv = readFileSync(await (await downloading).path(), 'utf8')
    expect(csv).toContain(`"second.png","more_detailed_caption","${CAPTION}"`)
    await expectAccessible(page)
  })

  it('says what it is doing, and then the answer', async () => {
    const { captioner, finish } = createSlowCaptioner()
    const page = await openPage(browser, (await startWithPage({ captioner })).url)
    await expectShown(page.getByText('Drop a picture here'))
    await drop(page, picture)
    const said = page.getByRole('status')
    await expectShown(said.getByText('FloCap is looking at meadow.png.'))
    finish()
    await expectShown(said.getByText(CAPTION))
  })

  describe('with the keyboard', () => {
    it('Ask is twelve stops away at most, samples and tasks are one each', async () => {
      const captioner = createFakeCaptioner({ text: CAPTION, model: DEMO_MODEL })
      const page = await openPage(browser, (await startWithPage({ captioner })).url)
      await expectShown(page.getByRole('button', { name: 'Sample 1', exact: true }))
      await page.keyboard.press('Tab')
      expect(await focused(page)).toBe('skip')
      await page.getByRole('button', { name: 'Sample 1', exact: true }).focus()
      await page.keyboard.press('ArrowRight')
      await expectShown(page.locator('[aria-label="Sample 2"]:focus'))
      await page.keyboard.press('Tab')
      await expectShown(page.locator('[name=task]:focus'))
      await page.keyboard.press('End')
      await page.keyboard.press('ArrowRight')
      await expectShown(page.locator('[name=task]:focus'))

      await task(page, 'Objects').check()
      await drop(page, picture, { ...picture, name: 'second.png' })
      await expectShown(page.getByText('2 of 2 done'))
      await expectShown(page.locator('.finding').first())
      await page.evaluate('document.activeElement.blur(), scrollTo(0, 0)')
      // As after loading: Tab begins at the top.
      await page.locator('h1').click()
      let stops = 0
      do {
        await page.keyboard.press('Tab')
        stops += 1
      } while (stops < 40 && (await focused(page)) !== 'primary')
      expect(stops).toBeLessThanOrEqual(12)
    })

    it('the focus is never lost: closing, stopping, removing', async () => {
      const delayed = createFakeCaptioner({ delayMs: Infinity, model: DEMO_MODEL })
      const page = await openPage(browser, (await startWithPage({ captioner: delayed })).url)
      const close = page.getByRole('button', { name: 'Close the notice about the demo model' })
      await close.press('Enter')
      expect(await close.count()).toBe(0)
      expect(await page.evaluate('document.activeElement.localName')).toBe('main')
      await drop(page, picture)
      await page.getByRole('button', { name: 'Stop' }).press('Enter')
      await expect.poll(() => focused(page)).toBe('primary')
      await page.getByRole('button', { name: 'Remove meadow.png' }).press('Enter')
      await expect.poll(() => page.evaluate('document.activeElement.type')).toBe('file')
      await expectAccessible(page)
    })
  })

  it('folds the samples away once there is a picture', async () => {
    const page = await openPage(browser, (await startWithPage()).url)
    const sample = page.getByRole('button', { name: 'Sample 1', exact: true })
    await sample.click()
    await expectShown(page.locator('.answer-text', { hasText: CAPTION }))
    expect(await sample.isVisible()).toBe(false)
    await page.getByText('Samples', { exact: true }).click()
    await expectShown(sample)
    await expectAccessible(page)
  })

  it('removes a picture', async () => {
    const page = await openPage(browser, (await startWithPage()).url)
    await expectShown(page.getByText('Drop a picture here'))
    await drop(page, picture)
    await page.getByRole('button', { name: 'Remove meadow.png' }).click()
    await expectShown(page.getByText('Drop a picture here'))
  })
})
