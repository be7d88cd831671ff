// What `npm version` does besides package.json and its lock: every other file that has the version gets
// the new one, and CHANGELOG.md its section. npm runs it between the change and its commit.
import { readFileSync, writeFileSync } from 'node:fs'
import { cutChangelog } from './changelog.mjs'

const ROOT = new URL('../../', import.meta.url)
/** test/e2e/mcp-bundle.test.ts compares them with package.json. */
const WITH_VERSION = ['server.json', 'deploy/mcpb/manifest.json']

const { version } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'))
for (const path of WITH_VERSION) {
  edit(path, (text) => {
    const { version: before } = JSON.parse(text)
    return text
      .replaceAll(`"version": "${before}"`, `"version": "${version}"`)
      .replaceAll(`flocap@${before}`, `flocap@${version}`)
  })
}
const today = new Date().toISOString().slice(0, 'yyyy-mm-dd'.length)
edit('CHANGELOG.md', (text) => cutChangelog(text, version, today))

function edit(path, change) {
  const file = new URL(path, ROOT)
  writeFileSync(file, change(readFileSync(file, 'utf8')))
}
