// Reads the texts of flags and variables. Every function throws a RangeError that says what is expected.
import { delimiter, resolve } from 'node:path'

export function parseInteger(text: string, lowest: number, highest: number): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= lowest && value <= highest) {
    return value
  }
  throw new RangeError(`a whole number from ${lowest} to ${highest}`)
}

export function parseSwitch(text: string): boolean {
  const value = readSwitch(text)
  if (value !== undefined) return value
  throw new RangeError('true or false')
}

function readSwitch(text: string): boolean | undefined {
  const word = text.toLowerCase()
  if (['true', '1', 'yes', 'on'].includes(word)) return true
  if (['false', '0', 'no', 'off'].includes(word)) return false
  return undefined
}

const SECONDS_OF_UNIT: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 }

/** `90`, `90s`, `10m` or `2h` in seconds. */
export function parseDuration(text: string, highest: number): number {
  const [, digits, unit] = /^(\d{1,9})\s*([smh]?)$/i.exec(text.trim()) ?? []
  const seconds = Number(digits) * (SECONDS_OF_UNIT[(unit ?? '').toLowerCase()] ?? 1)
  if (digits !== undefined && seconds <= highest) return seconds
  throw new RangeError(`a time such as 90s, 10m or 2h, at most ${highest / 3600}h`)
}

export function parseOneOf<T extends string>(text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text.toLowerCase())
  if (found !== undefined) return found
  throw new RangeError(`one of ${allowed.join(', ')}`)
}

export function parseText(text: string): string {
  if (text.trim() !== '') return text
  throw new RangeError('a name or a folder')
}

/** Parts between commas, blanks around them taken off; an empty text has none. */
export function parseList(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** Folders as in PATH: `:` between them, `;` on Windows. */
export function parseFolders(text: string): readonly string[] {
  return text
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => resolve(folder))
}

/** Hosts between commas; a switch that is on stands for `*`, one that is off for none. */
export function parseHosts(text: string): readonly string[] {
  const value = readSwitch(text)
  if (value === undefined) return parseList(text)
  return value ? ['*'] : []
}

/** The address of a proxy, with or without its scheme, as curl takes it. */
export function parseProxy(text: string): string {
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address
  throw new RangeError('the address of a proxy, such as http://proxy.example:3128')
}

export function parseWebAddress(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text
  throw new RangeError('an address such as https://example.com/hook')
}
