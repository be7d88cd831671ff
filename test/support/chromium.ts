// A real browser for tests. npm brings none: Debian's package is looked for, or the one that
// CHROMIUM_PATH names. Where there is none, tests are skipped and their titles say why.
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const named = process.env['CHROMIUM_PATH']
const found = (named === undefined ? PLACES : [named]).find((place) => existsSync(place))

export const HAS_CHROMIUM = found !== undefined

/** The end of a suite's title where it is skipped. */
export const NO_CHROMIUM_REASON = HAS_CHROMIUM
  ? ''
  : ` (skipped: there is no Chromium at ${named ?? PLACES.join(', ')})`

/** No sandbox, because CI runs as root; nothing is loaded but our own pages. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export async function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  if (found === undefined) throw new Error(`A test asks for Chromium${NO_CHROMIUM_REASON}.`)
  return chromium.launch({ executablePath: found, args: [...FLAGS, ...flags] })
}
