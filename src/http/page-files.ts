// The web page as files: what the build made, and the sample pictures of the bundled model.
//
// The files are listed once, when the server starts, and only what is on that list is ever opened:
// no path of a request becomes a path on disk. Each is read once and compressed once, and all answers
// share those bytes: the page is there for strangers too, and they cost no memory of their own.
import { readdir } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { createSharedFile, type SharedFile } from './shared-file.ts'
import type { SurfaceServices } from './surface.ts'

export type Page = NonNullable<SurfaceServices['page']>

export interface PageFolders {
  /** What `vite build` made: `index.html` and `assets/`. */
  readonly built: string
  /** Pictures for who has none at hand; every picture file in it is one. */
  readonly samples?: string
  /** What `/` shows; default `index.html`. */
  readonly document?: string
}

/**
 * Nothing but the page's own files may load or run, and no site may frame it. `blob:` shows pictures
 * that the user has chosen; they never leave the browser in this form.
 */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const DOCUMENT_HEADERS = {
  'content-security-policy': PAGE_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  // It names the other files by their hash, so it alone must be asked for each time.
  'cache-control': 'no-cache',
  // The same address greets programs as Ollama does.
  vary: 'Accept, Accept-Encoding',
}

/** The name of a built file changes with its content. */
const HASHED_FILE_CACHE = 'public, max-age=31536000, immutable'

/** Samples keep their names when a release replaces them. */
const SAMPLE_CACHE = 'public, max-age=3600'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
}

interface PageFile {
  readonly file: SharedFile
  readonly headers: Readonly<Record<string, string>>
}

/**
 * What answers for the page: `/`, `/assets/...`, and the samples as `/samples.json` (their paths)
 * and `/samples/...`. Undefined when the page was never built.
 */
export async function openPage({
  built,
  samples,
  document = 'index.html',
}: PageFolders): Promise<Page | undefined> {
  const names = await namesIn(built)
  if (!names.includes(document)) return undefined
  const assets = await namesIn(join(built, 'assets'))
  const pictures =
    samples === undefined ? [] : (await namesIn(samples)).filter(isPicture).toSorted()
  const files = new Map<string, PageFile>([
    ['/', pageFile(join(built, document), DOCUMENT_HEADERS)],
    ...assets.map((name) =>
      entry(`/assets/${name}`, join(built, 'assets', name), HASHED_FILE_CACHE),
    ),
    ...pictures.map((name) => entry(samplePath(name), join(samples ?? '', name), SAMPLE_CACHE)),
  ])
  const list = JSON.stringify(pictures.map((name) => samplePath(name)))

  return async (path, acceptEncoding) => {
    if (path === '/samples.json') {
      return new Response(list, {
        headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' },
      })
    }
    const found = files.get(path)
    if (found === undefined) return undefined
    return found.file.respond(acceptEncoding, found.headers)
  }
}

function entry(path: string, file: string, cache: string): [string, PageFile] {
  return [path, pageFile(file, { 'cache-control': cache, vary: 'Accept-Encoding' })]
}

function pageFile(path: string, headers: Readonly<Record<string, string>>): PageFile {
  const type = TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream'
  return {
    file: createSharedFile(path, {
      compresses: !type.startsWith('image/') || type.includes('svg'),
    }),
    headers: { 'content-type': type, ...headers },
  }
}

function samplePath(name: string): string {
  return `/samples/${encodeURIComponent(name)}`
}

function isPicture(name: string): boolean {
  return (TYPES[extname(name).toLowerCase()] ?? '').startsWith('image/')
}

/** Of the files in a folder; none when there is no such folder. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.filter((each) => each.isFile()).map(({ name }) => name)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
