// Patterns such as `photos/**/*.jpg`, expanded here because Windows' shells do not.
import { stat } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import picomatch from 'picomatch'
import { glob, isDynamicPattern } from 'tinyglobby'

/** Whether a name is taken as written. `photo[1].jpg` that exists is a file, not a pattern. */
export async function isPattern(argument: string): Promise<boolean> {
  if (!isDynamicPattern(toSlashes(argument))) return false
  try {
    await stat(argument)
    return false
  } catch {
    return true
  }
}

export interface Matches {
  /** The folder before the first part of the pattern that is one. */
  readonly base: string
  /** Absolute, by name. */
  readonly paths: readonly string[]
}

export async function expandPattern(argument: string): Promise<Matches> {
  const parts = toSlashes(argument).split('/')
  const first = parts.findIndex((part) => isDynamicPattern(part))
  const before = parts.slice(0, first).join('/')
  const base = resolve(before === '' && isAbsolute(argument) ? '/' : before)
  const found = await glob([parts.slice(first).join('/')], {
    cwd: base,
    onlyFiles: true,
    expandDirectories: false,
    followSymbolicLinks: false,
  })
  return { base, paths: found.map((name) => join(base, name)).toSorted() }
}

/** Whether a picture's name is among those that `--exclude` names. */
export function createExclusion(patterns: readonly string[]): (name: string) => boolean {
  // A pattern without a folder means the name in every folder, as in .gitignore.
  const tests = patterns.map((pattern) =>
    picomatch(toSlashes(pattern), { basename: !pattern.includes('/'), nocase: true }),
  )
  return (name) => tests.some((test) => test(name))
}

/** On Windows both slashes divide folders; elsewhere `\` makes the next character ordinary. */
function toSlashes(path: string): string {
  return process.platform === 'win32' ? path.replaceAll('\\', '/') : path
}
