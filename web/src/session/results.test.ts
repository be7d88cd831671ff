import { describe, expect, it } from 'vitest'
import { boxesAnswer, given, picture, taskAnswer } from './test-support.ts'
import {
  listResults,
  measureBatch,
  resultsCsv,
  resultsJson,
  resultsText,
  resultsTexts,
} from './results.ts'
import type { GivenAnswer, Picture } from './session.ts'

const asked = { questions: [{ task: 'caption' }], settings: {} }

function answered(name: string, ...answers: readonly GivenAnswer[]): Picture {
  return picture({ name, progress: { kind: 'answered', ...asked }, answers })
}

const pictures = [
  answered('a.png', given(taskAnswer('A "red" car,\nparked.'))),
  picture({ name: 'b.png', progress: { kind: 'waiting', ...asked } }),
  answered('c.png', given(taskAnswer('A sum.'), { edited: '=1+1' })),
  picture({ name: 'd.png' }),
]

describe('results', () => {
  it('are the answers in the order of the pictures, as a person has corrected them', () => {
    expect(listResults(pictures)).toMatchObject([
      { picture: 'a.png', isText: true, isEdited: false },
      { picture: 'c.png', text: '=1+1', isEdited: true },
    ])
  })

  it('count how far a batch is', () => {
    expect(measureBatch(pictures)).toEqual({ done: 2, failed: 0, asked: 3 })
  })

  it('are copied with their names', () => {
    expect(resultsText(listResults(pictures.slice(2)))).toBe('c.png\n=1+1')
  })

  it('are saved as CSV that no spreadsheet runs', () => {
    expect(resultsCsv(listResults(pictures))).toBe(
      '\uFEFF"picture","task","text"\r\n' +
        '"a.png","caption","A ""red"" car,\nparked."\r\n' +
        `"c.png","caption","'=1+1"\r\n`,
    )
  })

  it('are saved as JSON', () => {
    expect(JSON.parse(resultsJson(pictures))).toMatchObject([
      { picture: 'a.png', answers: [{ task: 'caption' }] },
      { picture: 'c.png', answers: [{ text: '=1+1', model_text: 'A sum.' }] },
    ])
  })

  it('are saved as a text file for each picture, or for each answer where it has several', () => {
    const two = [given(taskAnswer('A car.')), given(boxesAnswer('car'))]
    expect(resultsTexts([answered('a.b.png', ...two), answered('c.png', two[0]!)])).toEqual([
      { name: 'a.b.caption.txt', text: 'A car.\n' },
      { name: 'a.b.od.txt', text: 'car\n' },
      { name: 'c.txt', text: 'A car.\n' },
    ])
  })

  it('write no file about what was not found, and never two of one name', () => {
    const pair = [given(taskAnswer('A car.')), given(boxesAnswer())]
    const names = resultsTexts([answered('a.png', ...pair), answered('A.jpg', pair[0]!)])
    expect(names.map(({ name }) => name)).toEqual(['a.txt', 'A (2).txt'])
  })
})
