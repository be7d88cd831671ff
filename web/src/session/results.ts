// The answers about all pictures of a visit as one list: to read, to copy, to save.
import { answerJson } from './answers.ts'
import type { Picture } from './session.ts'

export interface ResultRow {
  readonly picture: string
  readonly task: string
  readonly text: string
}

/** One row for each answer, in the order of the pictures. */
export function listResults(pictures: readonly Picture[]): readonly ResultRow[] {
  return pictures.flatMap(({ name, progress }) =>
    progress.kind === 'answered'
      ? progress.answer.answers.map(({ task, text }) => ({ picture: name, task, text }))
      : [],
  )
}

export interface BatchProgress {
  /** Answered or failed. */
  readonly done: number
  readonly failed: number
  /** Of all that were asked about. */
  readonly asked: number
}

export function measureBatch(pictures: readonly Picture[]): BatchProgress {
  const count = (...kinds: readonly Picture['progress']['kind'][]): number =>
    pictures.filter(({ progress }) => kinds.includes(progress.kind)).length
  return {
    done: count('answered', 'failed'),
    failed: count('failed'),
    asked: pictures.length - count('idle'),
  }
}

/** A name and its text on lines of their own, an empty line between pictures. */
export function resultsText(rows: readonly ResultRow[]): string {
  return rows.map(({ picture, text }) => `${picture}\n${text}`).join('\n\n')
}

/** With the coordinates that the text leaves out. */
export function resultsJson(pictures: readonly Picture[]): string {
  const answered = pictures.flatMap(({ name, progress }) =>
    progress.kind === 'answered'
      ? [
          {
            picture: name,
            answers: progress.answer.answers.map((each): unknown => JSON.parse(answerJson(each))),
          },
        ]
      : [],
  )
  return JSON.stringify(answered, null, 2)
}

/**
 * RFC 4180, with the mark that makes spreadsheets read UTF-8. A cell that begins like a formula gets an
 * apostrophe: spreadsheets would run what the text in a picture says.
 */
export function resultsCsv(rows: readonly ResultRow[]): string {
  const lines = [
    ['picture', 'task', 'text'],
    ...rows.map(({ picture, task, text }) => [picture, task, text]),
  ]
  return `\uFEFF${lines.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('')}`
}

function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${safe.replaceAll('"', '""')}"`
}
