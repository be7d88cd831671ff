// Writes THIRD-PARTY-NOTICES.md from the lock file: what is installed with FloCap or built into its
// page, under which licence. A test compares; `npm run notices` mends.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { listBundledPackages } from './bundled-packages.mjs'

const ROOT = new URL('../', import.meta.url)
const FILE = 'THIRD-PARTY-NOTICES.md'

/** Those whose code Vite puts into the page, whether they are installed as well or not. */
export const IN_THE_PAGE = ['eventsource-parser', 'fflate', 'idb', 'preact']

const LGPL = `Two libraries are under the GNU Lesser General Public License, version 3 or later:

- libvips, in the packages \`@img/sharp-libvips-*\`, \`@img/sharp-win32-*\` and \`@img/sharp-wasm32\`. sharp loads it as a shared library of its own. Source: <https://github.com/lovell/sharp-libvips> and <https://github.com/libvips/libvips>.
- libheif with libde265, compiled to WebAssembly, in the package \`libheif-js\`. Source: <https://github.com/catdad-experiments/libheif-js>, <https://github.com/strukturag/libheif>.

Both are used unchanged, as files of their own in \`node_modules\`: they can be replaced there by other builds of the same version, which is all that FloCap asks of them.`

/** @param lock package-lock.json, parsed @returns the whole file */
export function renderNotices(lock) {
  const installed = new Map()
  const inPage = new Map()
  const bundled = new Map()
  const insidePackage = listBundledPackages(lock)
  for (const [path, { license = 'not stated', dev }] of Object.entries(lock.packages)) {
    const name = path.split('node_modules/').at(-1)
    if (name === '') continue
    if (IN_THE_PAGE.includes(name)) inPage.set(name, license)
    if (dev !== true) installed.set(name, license)
    else if (insidePackage.includes(name)) bundled.set(name, license)
  }
  return `# Third-party notices

FloCap itself is under the MIT licence: see LICENSE. It stands on these packages. Each has its licence's full text in its folder below \`node_modules\`; versions are in package-lock.json. This file is written by \`npm run notices\`.

## GNU LGPL

${LGPL}

## Installed with FloCap

Packages for other systems are listed too; npm installs those of this one.

${renderTable(installed)}

## Inside the package

In \`dist/node_modules\`, unchanged but for files that programs do not read.

${renderTable(bundled)}

## Built into the page

Their code is in \`dist/web\`, as is zod's.

${renderTable(inPage)}
`
}

function renderTable(packages) {
  const rows = [...packages].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const width = Math.max(...rows.map(([name]) => name.length))
  const right = Math.max(...rows.map(([, license]) => license.length), 7)
  return [
    `| ${'package'.padEnd(width)} | ${'licence'.padEnd(right)} |`,
    `| ${'-'.repeat(width)} | ${'-'.repeat(right)} |`,
    ...rows.map(([name, license]) => `| ${name.padEnd(width)} | ${license.padEnd(right)} |`),
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lock = JSON.parse(readFileSync(new URL('package-lock.json', ROOT), 'utf8'))
  writeFileSync(new URL(FILE, ROOT), renderNotices(lock))
}
