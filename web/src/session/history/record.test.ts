import { describe, expect, it } from 'vitest'
import { boxesAnswer, given, picture } from '../test-support.ts'
import { Problem } from '../../server/problem.ts'
import type { Progress } from '../session.ts'
import { fromRecord, HistoryRecord, toRecord } from './record.ts'

const asked = { questions: [{ task: 'od' }], settings: { num_beams: 1 } }

function keep(progress: Progress) {
  const before = picture({
    progress,
    size: { width: 2, height: 1 },
    region: [0, 0, 1, 1],
    answers: [given(boxesAnswer('car'), { edited: 'A car.' })],
  })
  const kept: unknown = structuredClone(toRecord(before))
  return { before, after: fromRecord(HistoryRecord.parse(kept), before.file, before.url) }
}

describe('a picture in the history', () => {
  it('comes back with its answers and what a person made of them', () => {
    const { before, after } = keep({ kind: 'answered', ...asked })
    expect(after).toEqual(before)
  })

  it('waits again when it was being asked about', () => {
    const { after } = keep({ kind: 'asking', ...asked, texts: ['A'] })
    expect(after.progress).toEqual({ kind: 'waiting', ...asked })
  })

  it('still says what went wrong', () => {
    const problem = new Problem('queue_full', 'Full.', { hint: 'Wait.', retry: true })
    const { after } = keep({ kind: 'failed', ...asked, problem })
    expect(after.progress).toEqual({ kind: 'failed', ...asked, problem })
  })

  it('of another version of the page is none', () => {
    expect(HistoryRecord.safeParse({ id: 1, name: 'a.png' }).success).toBe(false)
  })
})
