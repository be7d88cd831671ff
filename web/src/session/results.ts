// The answers about all pictures of a visit as one list: to read, to copy, to save.
import { answerJson, hasFound } from './answers.ts'
import { keyOf, textOf } from './given-answers.ts'
import type { GivenAnswer, Picture } from './session.ts'
import { uniqueNames } from './unique-names.ts'

export interface ResultRow {
  /** Id of the picture, and which of its answers. */
  readonly id: number
  readonly index: number
  /** Of the answer among those of its picture. */
  readonly key: string
  readonly picture: string
  readonly task: string
  readonly text: string
  /** Whether it is a text, which a person may correct, rather than names of what was found. */
  readonly isText: boolean
  readonly isEdited: boolean
}

/** One row for each answer, in the order of the pictures. */
export function listResults(pictures: readonly Picture[]): readonly ResultRow[] {
  return pictures.flatMap(({ id, name, answers }) =>
    answers.map((given, index) => ({
      id,
      index,
      key: keyOf(given),
      picture: name,
      task: given.answer.task,
      text: textOf(given),
      isText: given.answer.data.kind === 'text',
      isEdited: given.edited !== undefined,
    })),
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
  const answered = pictures
    .filter(({ answers }) => answers.length > 0)
    .map(({ name, answers }) => ({
      picture: name,
      answers: answers.map((each): unknown => JSON.parse(answerJson(each))),
    }))
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

export interface TextFile {
  readonly name: string
  readonly text: string
}

/**
 * A text file for each picture, as trainers take them: `holiday.txt`. Where a picture has several
 * answers, each has its task in its name: `holiday.od.txt`. That nothing was found is no caption, and
 * gets no file.
 */
export function resultsTexts(pictures: readonly Picture[]): readonly TextFile[] {
  const files = pictures.flatMap(({ name, answers }) => {
    const stem = name.replace(/\.[^.]*$/, '') || 'picture'
    const saying = answers.filter((given) => given.edited !== undefined || hasFound(given.answer))
    return saying.map((given) => ({
      name: saying.length === 1 ? `${stem}.txt` : `${stem}.${taskOf(given)}.txt`,
      text: `${textOf(given)}\n`,
    }))
  })
  const names = uniqueNames(files.map(({ name }) => name))
  return files.map(({ text }, index) => ({ name: names[index] ?? `${index}.txt`, text }))
}

function taskOf({ answer }: GivenAnswer): string {
  return answer.task
}
