import { describe, expect, it } from 'vitest'
import { Problem } from '../server/problem.ts'
import { answered as answer, taskAnswer } from './test-support.ts'
import {
  EMPTY_SESSION,
  type Session,
  type SessionEvent,
  nextToAsk,
  reduceSession,
  selectedPicture,
} from './session.ts'

const ANSWER = answer(taskAnswer('A car.'), taskAnswer('car', { task: 'od' }))
const QUESTIONS = [{ task: 'caption' }, { task: 'od' }]

function picture(id: number) {
  return { id, name: `${id}.png`, file: new Blob(), url: `blob:${id}` }
}

function after(...events: readonly SessionEvent[]): Session {
  return events.reduce(reduceSession, EMPTY_SESSION)
}

const added: SessionEvent = { type: 'added', pictures: [picture(1), picture(2)] }
const asked: SessionEvent = { type: 'asked', id: 1, questions: QUESTIONS, settings: {} }
const started: SessionEvent = { type: 'started', id: 1 }

describe('a session', () => {
  it('looks at the first of the pictures that were added last', () => {
    expect(selectedPicture(after(added))?.id).toBe(1)
    expect(selectedPicture(after(added, { type: 'added', pictures: [picture(3)] }))?.id).toBe(3)
  })

  it('goes on to a neighbour when the picture that is looked at is removed', () => {
    expect(after(added, { type: 'removed', id: 1 }).selected).toBe(2)
    const both = after(added, { type: 'selected', id: 2 }, { type: 'removed', id: 2 })
    expect(both.selected).toBe(1)
    expect(reduceSession(both, { type: 'removed', id: 1 }).selected).toBeUndefined()
  })

  it('keeps looking at its picture when another is removed', () => {
    expect(after(added, { type: 'removed', id: 2 }).selected).toBe(1)
  })

  it('asks about one picture at a time, in their order', () => {
    const waiting = after(added, { ...asked, id: 2 }, asked)
    expect(nextToAsk(waiting)?.id).toBe(1)
    expect(nextToAsk(reduceSession(waiting, started))).toBeUndefined()
    expect(nextToAsk(after(added))).toBeUndefined()
  })

  it('grows each answer by itself', () => {
    const text = (index: number, piece: string) =>
      ({ type: 'text', id: 1, index, text: piece }) as const
    const { progress } = selectedPicture(
      after(added, asked, started, text(0, 'A '), text(1, 'x'), text(0, 'dog')),
    )!
    expect(progress).toMatchObject({ kind: 'asking', texts: ['A dog', 'x'] })
  })

  it('learns the size of a picture from its answer', () => {
    const answered = after(added, asked, started, { type: 'answered', id: 1, answer: ANSWER })
    expect(selectedPicture(answered)).toMatchObject({
      size: { width: 20, height: 10 },
      progress: { kind: 'answered', questions: QUESTIONS },
    })
  })

  it('keeps the questions of a failure, to ask them again', () => {
    const problem = new Problem('queue_full', 'Full.', { retry: true })
    const failed = after(added, asked, started, { type: 'failed', id: 1, problem })
    expect(selectedPicture(failed)?.progress).toEqual({
      kind: 'failed',
      questions: QUESTIONS,
      settings: {},
      problem,
    })
  })

  it('gives a postponed picture its turn again', () => {
    expect(nextToAsk(after(added, asked, started, { type: 'postponed', id: 1 }))?.id).toBe(1)
  })

  it('takes no answer of a request that was stopped', () => {
    const stopped = after(added, asked, started, { type: 'stopped', id: 1 })
    const late = reduceSession(stopped, { type: 'answered', id: 1, answer: ANSWER })
    expect(selectedPicture(late)?.progress.kind).toBe('idle')
  })

  it('forgets a region that is cleared', () => {
    const marked = after(added, { type: 'marked', id: 1, region: [1, 2, 3, 4] })
    expect(selectedPicture(marked)?.region).toEqual([1, 2, 3, 4])
    const cleared = reduceSession(marked, { type: 'marked', id: 1, region: undefined })
    expect(selectedPicture(cleared)?.region).toBeUndefined()
  })

  it('keeps the answers of earlier requests behind those of the last', () => {
    const again: SessionEvent = { ...asked, questions: [{ task: 'ocr' }] }
    const text = answer(taskAnswer('STOP', { task: 'ocr' }))
    const { answers } = selectedPicture(
      after(added, asked, started, { type: 'answered', id: 1, answer: ANSWER }, again, started, {
        type: 'answered',
        id: 1,
        answer: text,
      }),
    )!
    expect(answers.map((each) => each.answer.task)).toEqual(['ocr', 'caption', 'od'])
  })

  it('keeps a corrected text, gives the model’s back, and drops an answer', () => {
    const answered = [added, asked, started, { type: 'answered', id: 1, answer: ANSWER } as const]
    const edit = (text: string | undefined) => ({ type: 'edited', id: 1, index: 0, text }) as const
    const editedBy = (...events: readonly SessionEvent[]) =>
      selectedPicture(after(...answered, ...events))?.answers.map(({ edited }) => edited)
    expect(editedBy(edit('A red car.'))).toEqual(['A red car.', undefined])
    expect(editedBy(edit('A red car.'), edit(undefined))).toEqual([undefined, undefined])
    // As the model says it is not edited.
    expect(editedBy(edit('A red car.'), edit('A car.'))).toEqual([undefined, undefined])
    expect(editedBy({ type: 'dropped', id: 1, index: 0 })).toHaveLength(1)
  })

  it('begins with the pictures of an earlier visit, and ends with none', () => {
    const earlier = { ...picture(0), progress: { kind: 'idle' }, answers: [] } as const
    const restored: SessionEvent = { type: 'restored', pictures: [earlier] }
    expect(after(restored).selected).toBe(0)
    const both = after(added, restored)
    expect([both.selected, ...both.pictures.map(({ id }) => id)]).toEqual([1, 0, 1, 2])
    expect(reduceSession(both, { type: 'cleared' })).toEqual(EMPTY_SESSION)
  })
})
