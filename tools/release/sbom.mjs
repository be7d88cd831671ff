// Prints the packages that FloCap consists of, as CycloneDX: what is installed with it, what is inside the
// package, and what is built into the page. npm by itself leaves out the latter two, which are bundled.
//
//   node tools/release/sbom.mjs > flocap.cdx.json
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { listBundledPackages } from '../bundled-packages.mjs'
import { IN_THE_PAGE } from '../third-party-notices.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const read = (name) => JSON.parse(readFileSync(`${ROOT}${name}`, 'utf8'))
const lock = read('package-lock.json')
/** As npm marks what only developers need. */
const DEVELOPMENT = 'cdx:npm:package:development'

const bom = JSON.parse(
  execFileSync('npm', ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'], {
    cwd: ROOT,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    maxBuffer: 2 ** 26,
  }),
)
const bundled = new Set([...listBundledPackages(lock), ...IN_THE_PAGE])
const components = bom.components.filter(
  ({ name, properties }) =>
    bundled.has(name) || !properties.some((property) => property.name === DEVELOPMENT),
)
for (const component of components) {
  component.properties = component.properties.filter(({ name }) => name !== DEVELOPMENT)
}
const root = bom.metadata.component
// npm calls it by the folder.
root.name = read('package.json').name
const kept = new Set([root, ...components].map((component) => component['bom-ref']))
const dependencies = bom.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => kept.has(each)) }))
process.stdout.write(`${JSON.stringify({ ...bom, components, dependencies }, undefined, 2)}\n`)
