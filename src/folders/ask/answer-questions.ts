// One picture through all questions of a run.
import { FlocapError } from '../../base/errors.ts'
import type { CaptionResult, TasksCaptioner } from '../../caption/captioner.ts'
import { captionAndGround, readText, type TextLine } from '../../caption/cascades.ts'
import type { FinishReason, PictureSize } from '../../caption/ports.ts'
import type { TaskData } from '../../caption/task-data.ts'
import { TASKS } from '../../caption/tasks.ts'
import { roundScore, roundScores } from './round-scores.ts'
import { sayAnswer } from './say-answer.ts'
import type { Question } from './questions.ts'

/** What is kept of an answer: by files, and by the journal until the next run. */
export interface Answer {
  /** The question's name. */
  readonly task: string
  /** For people, never empty: `No objects found.` where that is so. */
  readonly text: string
  /** What was said, on one line; absent when it was nothing. */
  readonly said?: string
  readonly data: TaskData
  /** Geometric mean of the token probabilities, 0 to 1. */
  readonly confidence: number
  readonly finishReason: FinishReason
  readonly usage: CaptionResult['usage']
  /** Of a chain with grounding: the caption whose phrases `data` locates. */
  readonly caption?: string
  /** Of a chain with reading order. */
  readonly lines?: readonly TextLine[]
}

/** The picture's size upright, and an answer for each question, in their order. */
export interface AnsweredPicture extends PictureSize {
  readonly answers: readonly Answer[]
}

export interface AskHooks {
  readonly signal?: AbortSignal
}

/**
 * Plain tasks share one pass of the vision encoder.
 * @param questions at least one.
 * @throws FlocapError as the captioner.
 */
export async function answerQuestions(
  captioner: TasksCaptioner,
  picture: Uint8Array,
  questions: readonly Question[],
  hooks: AskHooks = {},
): Promise<AnsweredPicture> {
  const tasks = questions.flatMap((question) =>
    question.kind === 'task' ? [question.request] : [],
  )
  const results = tasks.length === 0 ? [] : await captioner.captionTasks({ picture, tasks }, hooks)
  const plain = results.values()
  const answers: Answer[] = []
  let size: PictureSize | undefined
  for (const question of questions) {
    const { answer, result } = await answerQuestion(captioner, picture, question, plain, hooks)
    answers.push(answer)
    size ??= result.picture
  }
  if (size === undefined) throw new FlocapError('internal_error', 'Nothing was asked.')
  return { width: size.width, height: size.height, answers }
}

interface Answered {
  readonly answer: Answer
  readonly result: CaptionResult
}

async function answerQuestion(
  captioner: TasksCaptioner,
  picture: Uint8Array,
  question: Question,
  plain: IterableIterator<CaptionResult>,
  hooks: AskHooks,
): Promise<Answered> {
  const { name } = question
  switch (question.kind) {
    case 'task': {
      const { value: result, done } = plain.next()
      if (done === true) throw new FlocapError('internal_error', `No result for the task ${name}.`)
      return { answer: toAnswer(name, result, sayAnswer(TASKS[result.task], result)), result }
    }
    case 'grounded': {
      const { caption: asked, generation } = question
      const request = { picture, caption: asked, generation }
      const { caption, grounding } = await captionAndGround(captioner, request, hooks)
      const answer = toAnswer(name, grounding ?? caption, sayAnswer(TASKS[asked], caption))
      const text = grounding === undefined ? caption.text : `${caption.text}\n${grounding.text}`
      const { confidence, finishReason, usage } = toAnswer(name, caption, undefined)
      return {
        answer: { ...answer, text, caption: caption.text, confidence, finishReason, usage },
        result: caption,
      }
    }
    case 'lines': {
      const { generation } = question
      const { result, lines } = await readText(captioner, { picture, generation }, hooks)
      const said = sayAnswer(TASKS.ocr_with_region, result)
      return { answer: { ...toAnswer(name, result, said), lines }, result }
    }
  }
}

function toAnswer(
  task: string,
  { text, data, confidence, finishReason, usage }: CaptionResult,
  said: string | undefined,
): Answer {
  return {
    task,
    text,
    ...(said === undefined ? {} : { said }),
    data: roundScores(data),
    confidence: roundScore(confidence),
    finishReason,
    usage: { ...usage },
  }
}
