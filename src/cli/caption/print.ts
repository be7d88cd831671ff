// Answers on standard output: bare text where there is one, with names where there are several.
import { toPrintableJson, toPrintableLines } from '../../base/printable.ts'
import type { Answer } from './answer.ts'

export interface PrintOptions {
  readonly json: boolean
  /** Whether a line says which file, and which task, it belongs to. */
  readonly namesFile: boolean
  readonly namesTask: boolean
  /** A terminal acts on what names of files may hold; programs want them exactly. */
  readonly isTerminal?: boolean
}

export function createPrinter({
  json,
  namesFile,
  namesTask,
  isTerminal = process.stdout.isTTY,
}: PrintOptions) {
  const show = (text: string): void => {
    if (!isTerminal) console.log(text)
    else console.log(json ? toPrintableJson(text) : toPrintableLines(text))
  }
  return (file: string, answers: readonly Answer[]): void => {
    for (const answer of answers) {
      if (json) show(renderJson(file, answer))
      else
        show(
          renderText(answer, [...(namesFile ? [file] : []), ...(namesTask ? [answer.task] : [])]),
        )
    }
  }
}

/** One line. */
export function renderJson(file: string, { whole }: Answer): string {
  return JSON.stringify({ file, ...whole })
}

/** The names before every line, so that a search in the output finds them. */
function renderText({ text }: Answer, names: readonly string[]): string {
  if (names.length === 0) return text
  return text
    .split('\n')
    .map((line) => `${names.join(' ')}: ${line}`)
    .join('\n')
}
