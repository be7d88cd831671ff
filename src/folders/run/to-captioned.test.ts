import { expect, it } from 'vitest'
import type { TaskData } from '../../caption/task-data.ts'
import type { Answer } from '../ask/answer-questions.ts'
import { parseQuestions } from '../ask/questions.ts'
import { pictureOnDisk } from '../inputs/picture-file.ts'
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
