// One picture through all questions of a run.
import { FlocapError } from '../../base/errors.ts'
import type { CaptionResult, TaskRequest, TasksCaptioner } from '../../caption/captioner.ts'
import { captionAndGround, readText, type TextLine } from '../../caption/cascades.ts'
import type { FinishReason, PictureSize } from '../../caption/ports.ts'
import { sayAnswer } from '../../caption/say-answer.ts'
import type { TaskData } from '../../caption/task-data.ts'
import { type TaskId, TASKS } from '../../caption/tasks.ts'
import { roundScore, roundScores } from './round-scores.ts'
import type { Question } from './questions.ts'

/** What is kept of an answer: by files, and by the journal until the next run. */
export interface Answer {
  /** The question's name. */
  readonly task: string
  /** For people: `No objects found.` where that is so, and '' where `empty` says so. */
  readonly text: string
  /** What was said, on one line; absent when it was nothing. */
  readonly said?: string
  readonly data: TaskData
  /** The model ended before it said anything, where it had to say something. */
  readonly empty?: true
  /** Findings that were not sure enough for the run and are therefore not in `data`; absent for none. */
  readonly belowMinScore?: number
  /** Geometric mean of the token probabilities, 0 to 1; as the next two absent when `empty`. */
  readonly confidence?: number
  readonly finishReason?: FinishReason
  readonly usage?: CaptionResult['usage']
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
 * Plain tasks share one pass of the vision encoder. An empty answer to one question leaves those to the
 * others as they are.
 * @param questions at least one.
 * @throws FlocapError `empty_answer` when all answers are empty, else as the captioner.
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
  const plain = (await askTasks(captioner, picture, tasks, hooks)).values()
  const answers: Answer[] = []
  let size: PictureSize | undefined
  for (const question of questions) {
    const answered =
      question.kind === 'task'
        ? toTaskAnswer(question.name, plain.next().value)
        : await orEmpty(async () => answerChain(captioner, picture, question, hooks))
    answers.push(answered?.answer ?? toEmptyAnswer(question.name))
    size ??= answered?.result.picture
  }
  if (size === undefined) throw new FlocapError('empty_answer', 'All answers were empty.')
  return { width: size.width, height: size.height, answers }
}

/**
 * A result for each task, undefined where the answer is empty. A captioner fails as a whole then: the
 * tasks are asked one by one, which is rare, and computes what the picture looks like only once.
 */
async function askTasks(
  captioner: TasksCaptioner,
  picture: Uint8Array,
  tasks: readonly TaskRequest[],
  hooks: AskHooks,
): Promise<readonly (CaptionResult | undefined)[]> {
  if (tasks.length === 0) return []
  const together = await orEmpty(async () => captioner.captionTasks({ picture, tasks }, hooks))
  if (together !== undefined) return together
  if (tasks.length === 1) return [undefined]
  const results: (CaptionResult | undefined)[] = []
  for (const task of tasks) results.push(...(await askTasks(captioner, picture, [task], hooks)))
  return results
}

/** Undefined for an answer that is empty. */
async function orEmpty<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof FlocapError && error.code === 'empty_answer') return undefined
    throw error
  }
}

interface Answered {
  readonly answer: Answer
  readonly result: CaptionResult
}

function toTaskAnswer(name: TaskId, result: CaptionResult | undefined): Answered | undefined {
  if (result === undefined) return undefined
  return { answer: toAnswer(name, result, sayAnswer(TASKS[result.task], result)), result }
}

async function answerChain(
  captioner: TasksCaptioner,
  picture: Uint8Array,
  question: Exclude<Question, { readonly kind: 'task' }>,
  hooks: AskHooks,
): Promise<Answered> {
  const { name, generation } = question
  switch (question.kind) {
    case 'grounded': {
      const { caption: asked } = question
      const request = { picture, caption: asked, generation }
      const { caption, grounding } = await captionAndGround(captioner, request, hooks)
      const { data } = toAnswer(name, grounding, undefined)
      const text = `${caption.text}\n${grounding.text}`
      const answer = toAnswer(name, caption, sayAnswer(TASKS[asked], caption))
      return { answer: { ...answer, text, data, caption: caption.text }, result: caption }
    }
    case 'lines': {
      const { result, lines } = await readText(captioner, { picture, generation }, hooks)
      const said = sayAnswer(TASKS.ocr_with_region, result)
      return { answer: { ...toAnswer(name, result, said), lines }, result }
    }
  }
}

function toEmptyAnswer(task: string): Answer {
  return { task, text: '', empty: true, data: { kind: 'text', text: '' } }
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
