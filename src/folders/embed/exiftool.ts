// What is asked of ExifTool: the texts in a picture, and the same picture with other texts in it. It is
// a process for each, which ends with its work: one that stays open would outlive a killed run.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { FlocapError } from '../../base/errors.ts'
import { fileError } from '../../base/file-errors.ts'
import type { XmpTexts } from '../formats/xmp-document.ts'

export interface ExifTool {
  /** @throws FlocapError `file_not_written` for a picture whose format takes no texts. */
  read(picture: Uint8Array): Promise<XmpTexts>
  /**
   * The file with these texts in it, read back from it; nothing else of it changes.
   * @throws FlocapError `file_not_written` with ExifTool's own words.
   */
  write(picture: Uint8Array, texts: XmpTexts): Promise<Uint8Array>
}

/** No picture takes as long: the program hangs. */
const TIMEOUT_MS = 120_000
/** Of what it prints: texts, no pictures. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024

const ALT = 'XMP-iptcCore:AltTextAccessibility'
const EXTENDED = 'XMP-iptcCore:ExtDescrAccessibility'
const DESCRIPTION = 'XMP-dc:Description'
const SUBJECT = 'XMP-dc:Subject'
const READ = ['-json', '-FileTypeExtension', ...[ALT, EXTENDED, DESCRIPTION, SUBJECT].map(toOption)]

/** Texts that look like numbers come as numbers, and a list of one as its only member. */
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const metadata = z.tuple([
  z.object({
    FileTypeExtension: z.string().optional(),
    AltTextAccessibility: text.optional(),
    ExtDescrAccessibility: text.optional(),
    Description: text.optional(),
    Subject: z.union([text, z.array(text)]).optional(),
  }),
])

export function createExifTool(program: string, version: string): ExifTool {
  let writable: Promise<ReadonlySet<string>> | undefined

  async function assertWritable(ending: string | undefined): Promise<void> {
    writable ??= listWritable(program)
    if (ending !== undefined && (await writable).has(ending.toUpperCase())) return
    throw new FlocapError(
      'file_not_written',
      `ExifTool ${version} writes no texts into this format${ending === undefined ? '' : ` (${ending})`}.`,
      { hint: '--format xmp writes them into a file beside the picture.' },
    )
  }

  return {
    read: async (picture) =>
      inFolder(async (folder) => {
        const file = join(folder, 'picture')
        await writeFile(file, picture)
        const { stdout } = await run(program, [...READ, file])
        const { ending, texts } = parse(stdout)
        await assertWritable(ending)
        return texts
      }),
    write: async (picture, texts) =>
      inFolder(async (folder) => {
        const [file, result] = [join(folder, 'picture'), join(folder, 'result')]
        await writeFile(file, picture)
        const known = parse((await run(program, [...READ, file])).stdout).texts
        const write = ['-q', '-o', result, ...toChanges(texts, known), file]
        const { stdout } = await run(program, [...write, '-execute', ...READ, result])
        assertWritten(parse(stdout).texts, texts, version)
        return readFile(result)
      }),
  }
}

/** A name without an ending: what the bytes are decides. */
async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'flocap-')).catch((error: unknown) => {
    throw fileError(tmpdir(), error)
  })
  try {
    return await work(folder)
  } catch (error) {
    throw fileError(folder, error)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Output {
  readonly stdout: string
}

/** @throws FlocapError with what it says on standard error. */
async function run(program: string, options: readonly string[]): Promise<Output> {
  return new Promise((resolve, reject) => {
    const settings = {
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
      windowsHide: true,
      env: environment(),
      // Ctrl-C, which a terminal sends to all of a group, lets what is running finish.
      detached: process.platform !== 'win32',
    } as const
    execFile(program, [...options], settings, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout })
      else reject(toFailure(stderr, error))
    })
  })
}

/** What Perl and temporary files need: no key and no token is told to a reader of strangers' files. */
const VARIABLES = ['PATH', 'PATHEXT', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR', 'LANG', 'LC_ALL']

function environment(): NodeJS.ProcessEnv {
  // oxlint-disable-next-line node/no-process-env -- read by nobody here: a child's is its parent's
  return Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]))
}

function toFailure(stderr: string, cause: Error): FlocapError {
  const [, reason] = /^Error: (.*?)(?: - .*)?$/m.exec(stderr) ?? []
  return new FlocapError('file_not_written', `ExifTool: ${reason ?? cause.message}.`, {
    hint: '--format xmp writes the texts into a file beside the picture.',
    cause,
  })
}

async function listWritable(program: string): Promise<ReadonlySet<string>> {
  const { stdout } = await run(program, ['-listwf'])
  return new Set(stdout.split(/\s+/))
}

function parse(stdout: string): { readonly ending?: string; readonly texts: XmpTexts } {
  const [found] = metadata.parse(JSON.parse(stdout))
  const { FileTypeExtension: ending, Subject: tags = [] } = found
  const { AltTextAccessibility: alt, ExtDescrAccessibility: extended, Description } = found
  return {
    ...(ending === undefined ? {} : { ending }),
    texts: {
      ...(alt === undefined ? {} : { alt }),
      ...(extended === undefined ? {} : { extended }),
      ...(Description === undefined ? {} : { description: Description }),
      tags: Array.isArray(tags) ? tags : [tags],
    },
  }
}

function toOption(tag: string): string {
  return `-${tag}`
}

function toChanges(texts: XmpTexts, { tags: known }: XmpTexts): readonly string[] {
  const has = new Set(known.map((tag) => tag.toLowerCase()))
  return [
    ...(texts.alt === undefined ? [] : [`-${ALT}=${texts.alt}`]),
    ...(texts.extended === undefined ? [] : [`-${EXTENDED}=${texts.extended}`]),
    ...(texts.description === undefined ? [] : [`-${DESCRIPTION}=${texts.description}`]),
    ...texts.tags.filter((tag) => !has.has(tag.toLowerCase())).map((tag) => `-${SUBJECT}+=${tag}`),
  ]
}

function assertWritten(found: XmpTexts, wanted: XmpTexts, version: string): void {
  const tags = new Set(found.tags.map((tag) => tag.toLowerCase()))
  const lost = [
    ...(isSame(wanted.alt, found.alt) ? [] : [ALT]),
    ...(isSame(wanted.extended, found.extended) ? [] : [EXTENDED]),
    ...(isSame(wanted.description, found.description) ? [] : [DESCRIPTION]),
    ...(wanted.tags.every((tag) => tags.has(toRead(tag).toLowerCase())) ? [] : [SUBJECT]),
  ]
  if (lost.length === 0) return
  throw new FlocapError(
    'file_not_written',
    `ExifTool ${version} has not kept ${lost.join(', ')} as it was written.`,
    { hint: 'A newer ExifTool may; --format xmp needs none.' },
  )
}

function isSame(wanted: string | undefined, found: string | undefined): boolean {
  return wanted === undefined || toRead(wanted) === found
}

/** As it comes back through JSON: `1.50` as 1.5. */
function toRead(value: string): string {
  try {
    const parsed: unknown = JSON.parse(value)
    return typeof parsed === 'number' ? String(parsed) : value
  } catch {
    return value
  }
}
