// One record of the log as a line for a person at a terminal: the time, what happened, how long it
// took. Machines read the JSON instead.
import { styleText } from 'node:util'
import { toPrintable } from '../base/printable.ts'
import { CAPTIONED } from '../http/log-captions.ts'

/** Levels as pino numbers them. */
const WARN = 40
const ERROR = 50

/** What pino writes for every record. */
interface Frame {
  readonly level: number
  readonly time: string
  readonly msg: string
}

/** Fields that tie records together in JSON and say nothing to a person. */
const HIDDEN = new Set(['level', 'time', 'msg', 'requestId', 'part'])

export interface LineOptions {
  readonly colour: boolean
}

/**
 * @param json one line of pino's output
 * @returns the same for a terminal, with its newline; text that is no record comes back as it is
 */
export function renderLogLine(json: string, { colour }: LineOptions): string {
  const record = readRecord(json)
  if (record === undefined) return json
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    // Colours were decided when the log was opened: NO_COLOR, FORCE_COLOR and TERM are heeded there.
    colour && text !== '' ? styleText(style, text, { validateStream: false }) : text
  const clock = paint('dim', clockOf(record.frame.time))
  const { level, msg } = record.frame
  if (msg === CAPTIONED) return `${clock}  ${renderCaption(record.fields, paint)}\n`
  const mark =
    level >= ERROR ? paint('red', 'error  ') : level >= WARN ? paint('yellow', 'warn   ') : ''
  const details = paint('dim', renderFields(record.fields))
  return `${[clock, `${mark}${toPrintable(msg)}`, details].filter((part) => part !== '').join('  ')}\n${stackOf(record, paint)}`
}

type Paint = (style: Parameters<typeof styleText>[0], text: string) => string
type Fields = Readonly<Record<string, unknown>>

function renderCaption(fields: Fields, paint: Paint): string {
  const task = String(fields['task']).replaceAll('_', ' ')
  const amount =
    typeof fields['found'] === 'number'
      ? `${fields['found']} found`
      : `${String(fields['words'])} words`
  const time =
    fields['cached'] === true ? 'cached' : `${(Number(fields['ms']) / 1000).toFixed(2)} s`
  return `${toPrintable(task)}  ${paint('dim', `${amount}, ${time}`)}`
}

function renderFields(fields: Fields): string {
  return Object.entries(fields)
    .filter(([name, value]) => !HIDDEN.has(name) && !isError(value) && value !== undefined)
    .map(
      ([name, value]) =>
        `${name}=${toPrintable(typeof value === 'string' ? value : JSON.stringify(value))}`,
    )
    .join(' ')
}

/** Only a fault of FloCap's has a stack worth a person's time. */
function stackOf({ frame, fields }: LogRecord, paint: Paint): string {
  if (frame.level < ERROR) return ''
  return Object.values(fields)
    .filter(isError)
    .map((error) => `${paint('dim', stacksOf(error).split('\n').map(toPrintable).join('\n'))}\n`)
    .join('')
}

/** Of an error and of what caused it. */
function stacksOf({ stack, cause }: LoggedError): string {
  return isError(cause) ? `${stack}\ncaused by ${stacksOf(cause)}` : stack
}

interface LoggedError {
  readonly stack: string
  readonly cause?: unknown
}

function isError(value: unknown): value is LoggedError {
  return (
    typeof value === 'object' &&
    value !== null &&
    'stack' in value &&
    typeof value.stack === 'string'
  )
}

/** `14:03:07` in the time zone of this machine. */
function clockOf(time: string): string {
  return new Date(time).toTimeString().slice(0, 8)
}

interface LogRecord {
  readonly frame: Frame
  readonly fields: Fields
}

function readRecord(json: string): LogRecord | undefined {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const fields: Record<string, unknown> = { ...value }
  const { level, time, msg } = fields
  if (typeof level !== 'number' || typeof time !== 'string' || typeof msg !== 'string')
    return undefined
  return { frame: { level, time, msg }, fields }
}
