// Every state of the page, as walks: each opens the page once and goes from state to state.
import type { Page } from 'playwright-core'
import { FlocapError } from '../../src/base/errors.ts'
import { createMetrics } from '../../src/base/metrics.ts'
import { createFakeCaptioner, DEMO_MODEL } from '../support/fake-captioner.ts'
import type { TestHttpOptions } from '../support/http-app.ts'
import { PNG } from '../support/pictures.ts'
import { ask, choose, drop, expectShown, paste } from './open-page.ts'

export interface PageWalk {
  readonly name: string
  readonly server: () => TestHttpOptions
  /** Statuses that the server is meant to answer with. */
  readonly refusals?: readonly number[]
  readonly states: readonly (readonly [name: string, reach: (page: Page) => Promise<void>])[]
}

const CAPTION = 'A red car on a street.'
const picture = { name: 'meadow.png', mimeType: 'image/png', buffer: PNG }
const drawing = { png: async () => PNG, preview: async () => PNG }

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first()
const answered = (page: Page) => expectShown(page.locator('.answer:not([aria-busy])').first())

export const PAGE_WALKS: readonly PageWalk[] = [
  {
    name: 'one picture',
    server: () => ({
      captioner: createFakeCaptioner({ text: CAPTION, model: DEMO_MODEL }),
      metrics: createMetrics(),
      serveCommand: 'npx flocap serve',
      drawing,
    }),
    states: [
      [
        'empty, with the notice about the demo model',
        (page) => expectShown(page.getByText('Drop a picture here')),
      ],
      [
        'chosen, while a task waits for a text',
        async (page) => {
          await choose(page, 'Find what a phrase names')
          await paste(page, picture)
          await expectShown(page.getByText('Type the text that the task asks for.'))
        },
      ],
      [
        'a caption',
        async (page) => {
          await choose(page, 'Paragraph')
          await ask(page)
          await answered(page)
        },
      ],
      [
        'a caption whose words lead to boxes',
        async (page) => {
          await button(page, /^Find its words/).click()
          await expectShown(page.locator('mark', { hasText: 'car' }))
          await page.locator('mark', { hasText: 'car' }).hover()
        },
      ],
      ['a caption that is edited', (page) => button(page, 'Edit the text of Paragraph').click()],
      [
        'boxes, read text and outlines side by side, with a legend',
        async (page) => {
          await button(page, 'Done the text of Paragraph').click()
          await choose(page, 'Objects', 'Text and where it is', 'Outline what a phrase names')
          await page.getByRole('textbox', { name: 'Text', exact: true }).fill('a car')
          await ask(page)
          await expectShown(page.locator('.legend'))
          await button(page, /STOP/).focus()
        },
      ],
      [
        'zoomed',
        async (page) => {
          await button(page, 'Larger').click()
          await expectShown(page.locator('.stage-window[data-zoomed=true]'))
        },
      ],
      [
        'a region, with settings, their fault, and everything unfolded',
        async (page) => {
          await choose(page, 'Describe a region')
          for (const edge of ['left', 'top', 'bottom']) {
            await page.getByLabel(edge, { exact: true }).fill('9')
          }
          await page.getByLabel('right', { exact: true }).fill('1')
          await page.evaluate(
            'for (const each of document.querySelectorAll("details")) each.open = true',
          )
          await page.getByLabel('Beams').fill('99')
          await page.getByLabel('This request in').selectOption('Python')
          await expectShown(page.getByText('Expected a whole number from 1 to 8, got 99.'))
          await expectShown(page.getByText('768 × 768 pixels'))
        },
      ],
    ],
  },
  {
    name: 'several pictures',
    server: () => ({ captioner: createFakeCaptioner({ text: CAPTION }), drawing }),
    states: [
      [
        'as a table, with a file that was refused',
        async (page) => {
          const notes = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('x') }
          const long = `${'a-very-long-name-'.repeat(6)}.png`
          await drop(page, picture, { ...picture, name: long }, notes)
          await expectShown(page.getByText('2 of 2 done'))
          await expectShown(page.getByRole('alert'))
        },
      ],
      [
        'with a corrected caption, from the history',
        async (page) => {
          await page.getByLabel('Paragraph of meadow.png').fill('Corrected.')
          await expectShown(page.getByText('Kept in this browser'))
          // Until it is written.
          await page.waitForTimeout(300)
          await page.reload()
          await expectShown(page.getByRole('button', { name: /^Back to the model/ }))
        },
      ],
    ],
  },
  {
    name: 'under way',
    server: () => ({ captioner: createFakeCaptioner({ delayMs: Infinity }), drawing }),
    states: [
      [
        'asked and waiting',
        async (page) => {
          await drop(page, picture, { ...picture, name: 'second.png' })
          await expectShown(page.locator('[aria-busy=true]'))
          await expectShown(page.getByText('0 of 2 done'))
        },
      ],
    ],
  },
  {
    name: 'failed',
    refusals: [500],
    server: () => ({
      captioner: createFakeCaptioner({
        error: new FlocapError('internal_error', 'The model said nothing that can be used.'),
      }),
    }),
    states: [
      [
        'with what to do',
        async (page) => {
          await drop(page, picture)
          await expectShown(page.getByRole('alert').first())
        },
      ],
    ],
  },
  {
    name: 'locked',
    refusals: [401],
    server: () => ({ settings: { apiKeys: ['secret-key'] } }),
    states: [
      [
        'a key is refused',
        async (page) => {
          await page.getByLabel('API key', { exact: true }).fill('wrong')
          await page.keyboard.press('Enter')
          await expectShown(page.getByText('That key was refused.'))
        },
      ],
    ],
  },
  {
    name: 'a model on its way',
    refusals: [503],
    server: () => ({ readiness: () => ({ ready: false, reason: 'downloading 42 %' }) }),
    states: [
      [
        'while a picture waits',
        async (page) => {
          await expectShown(page.getByText('It is downloading 42 %.'))
          await drop(page, picture)
          await expectShown(page.getByText('Waiting for its turn'))
        },
      ],
    ],
  },
]
