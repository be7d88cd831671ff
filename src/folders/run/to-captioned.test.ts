import { expect, it } from 'vitest'
import type { TaskData } from '../../caption/task-data.ts'
import type { Answer } from '../ask/answer-questions.ts'
import { parseQuestions } from '../ask/questions.ts'
import { pictureOnDisk } from '../inputs/picture-file.ts'
import { createTally, renderTally } from './tally.ts'
import { toCaptioned } from './to-captioned.ts'

const PICTURE = pictureOnDisk('/x/a.png', { label: 'a.png', name: 'a.png', output: '/x' })
const BOXES: TaskData = {
  kind: 'boxes',
  boxes: [
    { label: 'dog', box: [10, 20, 110, 70], score: 0.9 },
    { label: 'ball', box: [150, 80, 250, 120], score: 0.4 },
    // Of an older run, which knew no scores: nothing speaks against it.
    { label: 'tree', box: [0, 0, 10, 10] },
  ],
}

function captionedBy(minScore: number, task = 'od') {
  const answer: Answer = {
    task,
    text: 'as it was',
    said: 'as it was',
    data: BOXES,
    confidence: 0.5,
  }
  const questions = parseQuestions({ task })
  const { answers, captions } = toCaptioned(
    PICTURE,
    { width: 200, height: 100, answers: [answer] },
    { questions, rules: [], minScore },
  )
  const data = answers[0]?.data
  const labels = data?.kind === 'boxes' ? data.boxes.map(({ label }) => label) : []
  return { labels, captions, text: answers[0]?.text }
}

it('leaves out findings that the model was less sure of, in text and data alike', () => {
  expect(captionedBy(0)).toEqual({
    labels: ['dog', 'ball', 'tree'],
    captions: ['as it was'],
    text: 'as it was',
  })
  const sure = captionedBy(0.5)
  expect(sure.labels).toEqual(['dog', 'tree'])
  expect(sure.text).toContain('dog')
  expect(sure.text).not.toContain('ball')
  expect(sure.captions).toEqual([sure.text?.replaceAll('\n', '; ')])
})

it('keeps the caption of a chain, whose boxes alone are unsure', () => {
  expect(captionedBy(0.5, 'caption+grounding')).toMatchObject({
    labels: ['dog', 'tree'],
    text: 'as it was',
    captions: ['as it was'],
  })
})

it('says how many were left out, and not that nothing was found, where none is sure enough', () => {
  const data: TaskData = {
    kind: 'boxes',
    boxes: [
      { label: 'dog', box: [10, 20, 110, 70], score: 0.2 },
      { label: 'ball', box: [150, 80, 250, 120], score: 0.1 },
    ],
  }
  const answer: Answer = { task: 'od', text: 'dog', said: 'dog', data, confidence: 0.5 }
  const options = { questions: parseQuestions({ task: 'od' }), rules: [], minScore: 0.3 }
  const captioned = toCaptioned(PICTURE, { width: 200, height: 100, answers: [answer] }, options)
  expect(captioned.captions).toEqual([])
  expect(captioned.answers[0]).toMatchObject({
    text: '2 findings below 0.3 left out.',
    data: { boxes: [] },
    belowMinScore: 2,
  })
  const tally = createTally()
  tally.add({ kind: 'empty', picture: PICTURE, captioned })
  tally.add({ kind: 'empty', picture: PICTURE })
  const report = tally.report(2)
  expect(report).toMatchObject({
    empty: ['a.png'],
    unsure: ['a.png'],
    belowMinScore: [{ file: 'a.png', task: 'od', findings: 2 }],
  })
  expect(renderTally(report)).toBe(
    'captioned 0, without an answer 1, unsure 1 (nothing reached --min-score), ' +
      'findings below --min-score 2',
  )
})
