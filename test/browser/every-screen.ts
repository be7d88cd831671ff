// One state of a page on every screen: from a small phone to a wide desktop, in light, dark and forced
// colours. The page is loaded once; widths and colours are what the browser is told to emulate.
import axe from 'axe-core'
import { type Page } from 'playwright-core'
import { z } from 'zod'

const WIDTHS = [320, 375, 768, 1366, 1920] as const
const HEIGHT = 800

const COLOURS = [
  { colorScheme: 'light', forcedColors: 'none' },
  { colorScheme: 'dark', forcedColors: 'none' },
  { colorScheme: 'light', forcedColors: 'active' },
] as const

/** WCAG 2.2 AA, and what axe advises beyond it. */
const ALL_RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']
/** Of these those that look at colours: no other rule's finding changes with them. */
const COLOUR_RULES = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }

/** WCAG 2.5.8, but without its exceptions. Links in a sentence are as high as their line. */
const LEAST_TARGET_PX = 24

/**
 * What is wrong with the page's present state, one line for each fault on each screen: violations that
 * axe finds, what is wider than the window, targets that are too small for a finger.
 */
export async function faultsOnEveryScreen(page: Page): Promise<readonly string[]> {
  const faults: string[] = []
  // Nothing moves: a colour on its way is no colour to measure.
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const isLoaded = await page.evaluate('typeof axe === "object"')
  if (isLoaded !== true) await page.evaluate(axe.source)
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT })
    for (const colours of COLOURS) {
      await page.emulateMedia(colours)
      const isFirst = colours === COLOURS[0]
      const found = await runAxe(page, isFirst ? ALL_RULES : COLOUR_RULES)
      if (isFirst) found.push(...(await faultsOfLayout(page)))
      const screen = `${width} px, ${colours.colorScheme}, forced colours ${colours.forcedColors}`
      faults.push(...found.map((fault) => `${screen}: ${fault}`))
    }
  }
  await page.emulateMedia({ colorScheme: null, forcedColors: null })
  return faults
}

/** With letters twice as large, as a person sets them in the browser. */
export async function faultsOfLargeText(page: Page): Promise<readonly string[]> {
  const faults: string[] = []
  await page.evaluate('document.documentElement.style.fontSize = "200%"')
  for (const width of [375, 1366]) {
    await page.setViewportSize({ width, height: HEIGHT })
    const found = await faultsOfLayout(page)
    faults.push(...found.map((fault) => `${width} px, text at 200 %: ${fault}`))
  }
  await page.evaluate('document.documentElement.style.fontSize = ""')
  return faults
}

const Violations = z.array(z.object({ id: z.string(), nodes: z.array(z.string()) }))

async function runAxe(page: Page, runOnly: unknown): Promise<string[]> {
  const options = JSON.stringify({ runOnly, resultTypes: ['violations'] })
  const found = Violations.parse(
    await page.evaluate(`axe.run(document, ${options}).then(({ violations }) =>
      violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) })))`),
  )
  return found.map(({ id, nodes }) => `${id}: ${nodes.join(' ')}`)
}

const Faults = z.array(z.string())

async function faultsOfLayout(page: Page): Promise<string[]> {
  return Faults.parse(
    await page.evaluate(`(() => {
      const faults = []
      const { scrollWidth, clientWidth } = document.documentElement
      if (scrollWidth > clientWidth) faults.push('scrolls sideways by ' + (scrollWidth - clientWidth))
      const targets = 'button, summary, select, textarea, input, label.button, a[href]'
      for (const each of document.querySelectorAll(targets)) {
        const { width, height } = each.getBoundingClientRect()
        const isSeen = each.checkVisibility() && width > 1 && height > 1
        // A box to tick is as large as its label; a link is part of a line.
        const isPart = each.closest('label') !== null && each.matches('[type=checkbox]')
        const isInLine = each.matches('a') && getComputedStyle(each).display === 'inline'
        if (!isSeen || isPart || isInLine) continue
        if (Math.min(width, height) < ${LEAST_TARGET_PX - 0.5}) {
          faults.push('small target ' + Math.round(width) + ' x ' + Math.round(height) + ': '
            + each.outerHTML.slice(0, 120))
        }
      }
      return faults
    })()`),
  )
}
