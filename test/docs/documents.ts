// The documents of this repository as data: their links, headings and commands.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface Link {
  readonly from: string
  /** Relative to the repository's root; absent for an address on the web. */
  readonly to: string
  /** Without its #; empty for a link to the whole document. */
  readonly anchor: string
}

/** Documents for people, as paths below the repository's root. */
export function listDocuments(): readonly string[] {
  const top = readdirSync(ROOT).filter((name) => name.endsWith('.md'))
  return [...top, ...listBelow('docs')]
}

function listBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return listBelow(path)
    return entry.name.endsWith('.md') ? [path] : []
  })
}

export function readDocument(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** Links to files of the repository; code is no link. */
export function linksOf(path: string): readonly Link[] {
  const text = withoutCode(readDocument(path))
  return [...text.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z][a-z\d+.-]*:/i.test(target))
    .map((target) => {
      const [file = '', anchor = ''] = target.split('#')
      const to = file === '' ? path : relative(ROOT, resolve(ROOT, dirname(path), decodeURI(file)))
      return { from: path, to: to.replaceAll('\\', '/'), anchor }
    })
}

export function isFile(path: string): boolean {
  return statSync(join(ROOT, path), { throwIfNoEntry: false }) !== undefined
}

/** The anchors of headings as GitHub makes them, the second of a name with -1 behind it. */
export function anchorsOf(path: string): ReadonlySet<string> {
  const seen = new Map<string, number>()
  const anchors = [...withoutBlocks(readDocument(path)).matchAll(/^#{1,6}\s+(.+)$/gm)].map(
    ([, title = '']) => {
      const anchor = title
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-')
      const count = seen.get(anchor) ?? 0
      seen.set(anchor, count + 1)
      return count === 0 ? anchor : `${anchor}-${count}`
    },
  )
  return new Set(anchors)
}

/** What fenced blocks of a language hold, with the lines joined that end with a backslash. */
export function codeBlocksOf(path: string, languages: readonly string[]): readonly string[] {
  return [...readDocument(path).matchAll(/^```(\w+)\n(.*?)^```/gms)]
    .filter(([, language = '']) => languages.includes(language))
    .map(([, , code = '']) => code.replaceAll(/\\\n\s*/g, ' '))
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^```.*?^```/gms, '')
}

function withoutCode(text: string): string {
  return withoutBlocks(text).replaceAll(/`[^`\n]*`/g, '')
}
