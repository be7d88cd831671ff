// Artifacts as actions/upload-artifact makes them: files that fit patterns, under the folder that all
// patterns have in common.
import { cpSync } from 'node:fs'
import { join, relative } from 'node:path'
import { globSync } from 'tinyglobby'

/** @throws Error when a pattern fits no file: the action is told to fail there, but looks at all at once. */
export function uploadArtifact(place: string, target: string, patterns: string): void {
  const wanted = patterns.split('\n').filter((line) => line.trim() !== '')
  const root = commonFolder(wanted.map((pattern) => fixedFolder(pattern)))
  for (const pattern of wanted) {
    const files = globSync(pattern, { cwd: place, dot: false })
    if (files.length === 0) throw new Error(`Expected files for '${pattern}', found none.`)
    for (const file of files) cpSync(join(place, file), join(target, relative(root, file)))
  }
}

/** The parts of a pattern's folder before the first that is one. */
function fixedFolder(pattern: string): readonly string[] {
  const parts = pattern.trim().split('/').slice(0, -1)
  const first = parts.findIndex((part) => /[*?[]/.test(part))
  return first === -1 ? parts : parts.slice(0, first)
}

function commonFolder(folders: readonly (readonly string[])[]): string {
  const [first = [], ...others] = folders
  const length = first.findIndex((part, at) => others.some((other) => other[at] !== part))
  return first.slice(0, length === -1 ? undefined : length).join('/')
}
