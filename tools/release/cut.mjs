// Cuts a release: every file that has the version gets the new one, what is unreleased in CHANGELOG.md
// becomes its section, and a commit gets the tag that the release workflow waits for.
//
//   npm run release:cut -- 1.2.3
//
// npm's own `version` would run no script for the other files: .npmrc forbids scripts.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cutChangelog } from './changelog.mjs'

const ROOT = new URL('../../', import.meta.url)
/** Besides package.json and its lock; test/e2e/mcp-bundle.test.ts compares them. */
const WITH_VERSION = ['server.json', 'deploy/mcpb/manifest.json']
const CHANGES = 'CHANGELOG.md'

const [version = ''] = process.argv.slice(2)
try {
  cut()
  console.log(`v${version} is committed. To release it: git push --follow-tags`)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

function cut() {
  if (!/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(
      `Expected a version such as 1.2.3, got '${version}': npm run release:cut -- 1.2.3`,
    )
  }
  if (run('git', 'status', '--porcelain', '--untracked-files=no') !== '') {
    throw new Error('Expected no changes, found some: commit them, or put them away, then cut.')
  }
  const today = new Date().toISOString().slice(0, 'yyyy-mm-dd'.length)
  // First what may refuse.
  edit(CHANGES, (text) => cutChangelog(text, version, today))
  run('npm', 'version', version, '--no-git-tag-version', '--allow-same-version')
  for (const path of WITH_VERSION) edit(path, setVersion)
  run('git', 'commit', '--quiet', '--all', '--message', `release: ${version}`)
  run('git', 'tag', '--annotate', '--message', `FloCap ${version}`, `v${version}`)
}

function setVersion(text) {
  const { version: before } = JSON.parse(text)
  return text
    .replaceAll(`"version": "${before}"`, `"version": "${version}"`)
    .replaceAll(`flocap@${before}`, `flocap@${version}`)
}

function edit(path, change) {
  const file = new URL(path, ROOT)
  writeFileSync(file, change(readFileSync(file, 'utf8')))
}

function run(program, ...args) {
  const shell = program === 'npm' && process.platform === 'win32'
  const options = { cwd: fileURLToPath(ROOT), shell, encoding: 'utf8' }
  return execFileSync(program, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] }).trim()
}
