import { describe, expect, it } from 'vitest'
import { listResults, measureBatch, resultsCsv, resultsJson, resultsText } from './results.ts'
import type { Picture, Progress } from './session.ts'

const questions = [{ task: 'caption' }]

function pictureThatIs(name: string, progress: Progress): Picture {
  return { id: 1, name, url: 'blob:a', file: new Blob(), progress }
}

function answered(name: string, text: string): Picture {
  const answer = {
    task: 'caption',
    text,
    data: { kind: 'text', text } as const,
    confidence: 1,
    finish_reason: 'stop' as const,
    alternatives: [],
    usage: { prompt_tokens: 1, completion_tokens: 1 },
    timings_ms: { picture: 1, vision: 1, prefill: 1, decode: 1 },
    cached: false,
  }
  const seen = { width: 1, height: 1, answers: [answer] }
  return pictureThatIs(name, { kind: 'answered', questions, answer: seen })
}

const pictures = [
  answered('a.png', 'A "red" car,\nparked.'),
  pictureThatIs('b.png', { kind: 'waiting', questions }),
  answered('c.png', '=1+1'),
  pictureThatIs('d.png', { kind: 'idle' }),
]

describe('results', () => {
  it('are the answers in the order of the pictures', () => {
    expect(listResults(pictures).map(({ picture }) => picture)).toEqual(['a.png', 'c.png'])
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
      { picture: 'c.png' },
    ])
  })
})
