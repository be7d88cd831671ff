// Paths that are refused by their text alone, before the file system is asked anything: asking for a
// UNC path is already a log-in at a foreign machine.
import { isAbsolute } from 'node:path'
import { FlocapError } from '../../base/errors.ts'

/** Longer than any system's paths. */
const MAX_PATH_CHARACTERS = 4096
/** Windows reads these as devices, with any ending and in any folder. */
const DEVICE_NAME =
  /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(?:[ .:]|$)/i

/** @throws FlocapError `image_path_not_allowed` that says what is wrong with the path. */
export function assertOrdinaryPath(
  path: string,
  field: string,
  platform: NodeJS.Platform = process.platform,
): void {
  const fault = faultOf(path, platform)
  if (fault === undefined) return
  throw new FlocapError(
    'image_path_not_allowed',
    `Expected the absolute path of a picture, a data: URL or an https: URL for ${field}, got ${fault}.`,
    { subject: field, hint: hintFor(path) },
  )
}

function faultOf(path: string, platform: NodeJS.Platform): string | undefined {
  if (path.includes('\0')) return 'a text with a NUL character'
  if (path.length > MAX_PATH_CHARACTERS) return `a text of ${path.length} characters`
  if (/^[a-z][a-z0-9+.-]+:/i.test(path)) return 'a URL of another kind'
  if (/^[\\/]{2}/.test(path)) return 'a network or device path'
  const isWindows = platform === 'win32'
  if (isWindows ? !/^[a-z]:[\\/]/i.test(path) : !isAbsolute(path))
    return 'a text that is none of them'
  const parts = path.split(isWindows ? /[\\/]/ : '/')
  if (parts.includes('..')) return 'a path with ..'
  // A name behind a colon is a second content of the same file.
  if (isWindows && parts.slice(1).some((part) => part.includes(':'))) return 'a path with a stream'
  if (isWindows && parts.some((part) => DEVICE_NAME.test(part))) return 'the name of a device'
  return undefined
}

/** The base64 of every JPEG file begins like a path. */
function hintFor(path: string): string {
  return path.length > MAX_PATH_CHARACTERS &&
    /^[A-Za-z0-9+/=\s]+$/.test(path.slice(0, MAX_PATH_CHARACTERS))
    ? 'Base64 is read behind its header: data:image/jpeg;base64, and then the base64 of the file.'
    : 'Write the whole path, without .., of a file below a folder of --mcp-root.'
}
