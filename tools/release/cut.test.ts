// Cutting a release, in a small repository of its own: what changes, what is committed, what is refused.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const WHO = ['-c', 'user.name=test', '-c', 'user.email=test@localhost']

function createRepository(): string {
  const folder = temporaryFolder()
  for (const path of [
    '.npmrc',
    'CHANGELOG.md',
    'deploy/mcpb/manifest.json',
    'package-lock.json',
    'package.json',
    'server.json',
    'tools/release',
  ]) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    cpSync(join(ROOT, path), join(folder, path), { recursive: true })
  }
  git(folder, 'init', '--quiet')
  git(folder, 'config', 'user.name', 'test')
  git(folder, 'config', 'user.email', 'test@localhost')
  git(folder, 'add', '--all')
  git(folder, ...WHO, 'commit', '--quiet', '--message', 'before')
  return folder
}

function git(folder: string, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim()
}

function cut(folder: string, version: string): { readonly status: number | null; stderr: string } {
  const program = join(folder, 'tools', 'release', 'cut.mjs')
  return spawnSync(process.execPath, [program, version], { encoding: 'utf8' })
}

describe('npm run release:cut', () => {
  it('raises the version everywhere, cuts the changes, commits and tags', () => {
    const folder = createRepository()
    expect(cut(folder, '98.7.6')).toMatchObject({ status: 0 })
    for (const file of [
      'package.json',
      'package-lock.json',
      'server.json',
      'deploy/mcpb/manifest.json',
    ]) {
      expect(readFileSync(join(folder, file), 'utf8'), file).toContain('"version": "98.7.6"')
    }
    expect(readFileSync(join(folder, 'server.json'), 'utf8').match(/98\.7\.6/g)).toHaveLength(2)
    expect(readFileSync(join(folder, 'deploy/mcpb/manifest.json'), 'utf8')).toContain(
      'flocap@98.7.6',
    )
    expect(readFileSync(join(folder, 'CHANGELOG.md'), 'utf8')).toMatch(
      /^## Unreleased\n\n## 98\.7\.6 \(\d{4}-\d\d-\d\d\)\n\n/m,
    )
    expect(git(folder, 'status', '--porcelain')).toBe('')
    expect(git(folder, 'describe', '--exact-match')).toBe('v98.7.6')
  })

  it('refuses what is no version, and a folder with changes of another kind', () => {
    const folder = createRepository()
    expect(cut(folder, 'patch').stderr).toContain("such as 1.2.3, got 'patch'")
    writeFileSync(join(folder, 'server.json'), '{}')
    expect(cut(folder, '98.7.6')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('found some'),
    })
    expect(git(folder, 'tag')).toBe('')
  })
})
