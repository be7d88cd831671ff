// From answers to what formats write: findings that are sure enough, and captions by the text rules.
import { toFindings } from '../../caption/findings.ts'
import { renderAnswer } from '../../caption/render-answer.ts'
import { applyTextRules, type TextRule } from '../../caption/rules/text-rules.ts'
import { sayAnswer } from '../../caption/say-answer.ts'
import { findTask, TASKS } from '../../caption/tasks.ts'
import type { Scored, TaskData } from '../../caption/task-data.ts'
import type { Answer, AnsweredPicture } from '../ask/answer-questions.ts'
import { isSaid, type Question } from '../ask/questions.ts'
import type { Captioned } from '../formats/format.ts'
import type { PictureFile } from '../inputs/picture-file.ts'

export interface CaptionOptions {
  readonly questions: readonly Question[]
  readonly rules: readonly TextRule[]
  /** Findings below it are left out, 0 to 1. */
  readonly minScore: number
}

/** @throws FlocapError `empty_caption` when a rule leaves nothing of an answer. */
export function toCaptioned(
  picture: PictureFile,
  { width, height, answers }: AnsweredPicture,
  { questions, rules, minScore }: CaptionOptions,
): Captioned {
  const sure = minScore > 0 ? answers.map((answer) => withoutUnsure(answer, minScore)) : answers
  const captions = captionQuestions(questions).flatMap((question) => {
    const said = sure[questions.indexOf(question)]?.said
    return said === undefined ? [] : [applyTextRules(rules, said)]
  })
  return { picture, width, height, answers: sure, captions }
}

/** Those whose answers are captions: text, and lists of findings only where nothing else is asked. */
function captionQuestions(questions: readonly Question[]): readonly Question[] {
  const said = questions.filter(isSaid)
  return said.length > 0 ? said : questions
}

function withoutUnsure(answer: Answer, minScore: number): Answer {
  const { data, task } = answer
  // A chain's text is a caption, which stays; only its boxes go.
  if (data.kind === 'text') return answer
  const sure = sureData(data, minScore)
  const left = toFindings(sure).length
  const belowMinScore = toFindings(data).length - left
  if (belowMinScore === 0) return answer
  if (task.includes('+')) return { ...answer, data: sure, belowMinScore }
  const { said: _, ...rest } = answer
  // That nothing was found would not be true.
  if (left === 0) {
    return { ...rest, text: describeUnsure(belowMinScore, minScore), data: sure, belowMinScore }
  }
  const definition = TASKS[findTask(task)]
  const text = renderAnswer(definition, sure)
  const said = sayAnswer(definition, { text, data: sure })
  return { ...rest, text, ...(said === undefined ? {} : { said }), data: sure, belowMinScore }
}

function describeUnsure(findings: number, minScore: number): string {
  return `${findings === 1 ? '1 finding' : `${findings} findings`} below ${minScore} left out.`
}

function sureData(data: TaskData, minScore: number): TaskData {
  const isSure = ({ score = 1 }: Scored): boolean => score >= minScore
  switch (data.kind) {
    case 'text':
      return data
    case 'boxes':
      return { ...data, boxes: data.boxes.filter(isSure) }
    case 'quads':
      return { ...data, quads: data.quads.filter(isSure) }
    case 'polygons':
      return { ...data, polygons: data.polygons.filter(isSure) }
    case 'boxes_or_polygons':
      return {
        ...data,
        boxes: data.boxes.filter(isSure),
        polygons: data.polygons.filter(isSure),
      }
  }
}
