// Answers on standard output: bare text where there is one, with names where there are several.
import type { FlocapError } from '../../base/errors.ts'
import { toPrintableJson, toPrintableLines } from '../../base/printable.ts'
import type { Captioned } from '../../folders/formats/format.ts'
import { toPictureJson } from '../../folders/formats/json.ts'
import { isUnsure, type Outcome } from '../../folders/run/outcome.ts'

export interface PrintOptions {
  readonly json: boolean
  /** Whether a line says which file, and which task, it belongs to. */
  readonly namesFile: boolean
  readonly namesTask: boolean
  /** Captions as the text rules left them, instead of the model's own words. */
  readonly hasRules: boolean
  /** A terminal acts on what names of files may hold; programs want them exactly. */
  readonly isTerminal: boolean
}

/** The lines about a picture; none when there is nothing to say on standard output. */
export function renderOutcome(outcome: Outcome, options: PrintOptions): string | undefined {
  const text = renderLines(outcome, options)
  if (text === undefined || !options.isTerminal) return text
  return options.json ? toPrintableJson(text) : toPrintableLines(text)
}

function renderLines(outcome: Outcome, { json, ...options }: PrintOptions): string | undefined {
  const { label } = outcome.picture
  switch (outcome.kind) {
    case 'captioned':
    case 'empty':
      if (outcome.captioned === undefined) return undefined
      return json
        ? JSON.stringify(toPictureJson(label, outcome.captioned))
        : renderText(label, outcome.captioned, options)
    case 'failed':
      return json ? renderFailure(label, outcome.error) : undefined
    case 'skipped':
      return undefined
  }
}

/** Sentences about answers that were empty, for standard error: a run does not pass over them. */
export function describeEmptyAnswers(outcome: Outcome): readonly string[] {
  if (outcome.kind === 'empty' && outcome.captioned === undefined) {
    return ['The model gave an empty answer.']
  }
  if (outcome.kind === 'empty' && isUnsure(outcome)) {
    return ['Nothing that was found reached --min-score; no caption was written.']
  }
  if (outcome.kind !== 'captioned') return []
  return outcome.captioned.answers
    .filter(({ empty }) => empty === true)
    .map(({ task }) => `The model gave an empty answer to the task ${task}.`)
}

/** A line of `--json` for a picture that was not captioned. */
export function renderFailure(file: string, { code, message, hint }: FlocapError): string {
  return JSON.stringify({
    file,
    error: { code, message, ...(hint === undefined ? {} : { hint }) },
  })
}

function renderText(
  label: string,
  { answers, captions }: Captioned,
  { namesFile, namesTask, hasRules }: Omit<PrintOptions, 'json'>,
): string {
  const file = namesFile ? [label] : []
  if (hasRules && captions.length > 0) {
    return captions.map((caption) => withNames(caption, file)).join('\n')
  }
  return answers
    .filter(({ empty }) => empty !== true)
    .map(({ text, task }) => withNames(text, [...file, ...(namesTask ? [task] : [])]))
    .join('\n')
}

/** The names before every line, so that a search in the output finds them. */
function withNames(text: string, names: readonly string[]): string {
  if (names.length === 0) return text
  return text
    .split('\n')
    .map((line) => `${names.join(' ')}: ${line}`)
    .join('\n')
}
