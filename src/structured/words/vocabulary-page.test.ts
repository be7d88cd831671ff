// Keeps the table of docs/guide/structured-answers.md equal to the vocabulary.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { VOCABULARY } from './vocabulary.ts'

const PAGE = new URL('../../../docs/guide/structured-answers.md', import.meta.url)

it('is shown on its page, row by row', () => {
  const rows = readFileSync(PAGE, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, names, answer]) => ({ names, answer }))
    .slice(2)
  expect(rows).toEqual(VOCABULARY.map(({ names, answer }) => ({ names, answer })))
})
