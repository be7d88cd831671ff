// ExifTool, which knows how to put texts into every format of pictures: the program on this machine, or
// the package `exiftool-vendored` where somebody has installed it.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { z } from 'zod'
import { FlocapError } from '../../base/errors.ts'
import { createExifTool, type ExifTool } from './exiftool.ts'

const PROGRAM = 'exiftool'
/** Of version 35, the last for Node 20, and later: it exports where its ExifTool lies. */
const PACKAGE = 'exiftool-vendored'

/** Older ones execute what a hostile picture holds (CVE-2021-22204). */
const LEAST_VERSION = 12.24

const vendored = z.object({ exiftoolPath: z.custom<() => Promise<string>>(isFunction) })

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

/** @throws FlocapError `invalid_request` that says what to install, when there is none. */
export async function findExifTool(program: string = PROGRAM): Promise<ExifTool> {
  const old: string[] = []
  for (const path of [program, await vendoredPath()]) {
    const version = path === undefined ? undefined : await versionOf(path)
    if (path === undefined || version === undefined) continue
    if (Number(version) >= LEAST_VERSION) return createExifTool(path, version)
    old.push(version)
  }
  const found =
    old.length === 0 ? 'which is not here' : `${LEAST_VERSION} or later, got ${old.join()}`
  throw new FlocapError('invalid_request', `--embed needs ExifTool, ${found}.`, {
    subject: '--embed',
    hint: `${INSTALL[process.platform] ?? UNIX_INSTALL} The npm package ${PACKAGE} beside FloCap does as well. --format xmp needs neither.`,
  })
}

const UNIX_INSTALL =
  'Install it: sudo apt install libimage-exiftool-perl, or your distribution’s package of ExifTool.'

const INSTALL: Partial<Readonly<Record<NodeJS.Platform, string>>> = {
  darwin: 'Install it: brew install exiftool.',
  win32: 'Install it: winget install OliverBetz.ExifTool.',
}

async function vendoredPath(): Promise<string | undefined> {
  try {
    // By a variable: it is not among what FloCap is built with.
    const name: string = PACKAGE
    const found: unknown = await import(name)
    return await vendored.parse(found).exiftoolPath()
  } catch {
    return undefined
  }
}

async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(path, ['-ver'], { windowsHide: true })
    return stdout.trim()
  } catch {
    return undefined
  }
}
