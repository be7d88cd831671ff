// What `--task` asks about each picture: tasks by any of their names, and the chains of tasks that
// users of Florence-2 know. All of it is checked before a model is loaded.
import { FlocapError } from '../../base/errors.ts'
import type { TaskRequest } from '../../caption/captioner.ts'
import type { CaptionTaskId } from '../../caption/cascades.ts'
import { DEFAULT_GENERATION, resolveGeneration } from '../../caption/generation.ts'
import type { GenerationOptions } from '../../caption/ports.ts'
import { renderPrompt } from '../../caption/prompt.ts'
import type { Region } from '../../caption/region.ts'
import { findTask, type TaskId, TASKS } from '../../caption/tasks.ts'
import { parseRegionOption } from './region-option.ts'

export type Question =
  | { readonly kind: 'task'; readonly name: TaskId; readonly request: TaskRequest }
  /** A caption, then where the things are that it names. */
  | {
      readonly kind: 'grounded'
      readonly name: string
      readonly caption: CaptionTaskId
      readonly generation: Generation
    }
  /** The text on the picture, line by line with places. */
  | { readonly kind: 'lines'; readonly name: string; readonly generation: Generation }

type Generation = Partial<GenerationOptions>

export interface QuestionOptions {
  /** Names, divided by commas. */
  readonly task: string
  readonly text?: string | undefined
  readonly region?: string | undefined
  readonly beams?: string | undefined
  readonly maxTokens?: string | undefined
  /** What every answer begins with; the model continues it. */
  readonly startWith?: string | undefined
  /** Makes a chain of every name. */
  readonly ground?: boolean | undefined
}

/** The second half of a chain's name. */
const GROUNDING = 'grounding'
const READING_ORDER = 'order'

/**
 * @throws FlocapError `unknown_task` for a name, `invalid_task_input` for a text or region that is
 * missing, wrong or that no task takes, `invalid_request` for a number out of its range.
 */
export function parseQuestions(options: QuestionOptions): readonly Question[] {
  const { text } = options
  const region = options.region === undefined ? undefined : parseRegionOption(options.region)
  const generation = toGeneration(options)
  const names = options.task.split(',').map((name) => name.trim())
  const questions = names.map((given): Question => {
    const name = options.ground === true ? `${given}+${GROUNDING}` : given
    if (name.includes('+')) return toChain(name, generation)
    const task = findTask(name)
    return { kind: 'task', name: task, request: toRequest(task, generation, text, region) }
  })
  if (text !== undefined) assertTaken(questions, 'text')
  if (region !== undefined) assertTaken(questions, 'region')
  return questions
}

/** Whether its answer is text and nothing else counts: the caption of a text file. */
export function isSaid(question: Question): boolean {
  if (question.kind !== 'task') return true
  const { answer } = TASKS[question.name]
  return answer === 'text' || answer === 'quads'
}

/** Whether its answer has shapes. */
export function isDrawable(question: Question): boolean {
  return question.kind !== 'task' || TASKS[question.name].answer !== 'text'
}

function toChain(name: string, generation: Generation): Question {
  const [first = '', second = '', ...more] = name.split('+').map((part) => part.trim())
  const task = findTask(first)
  if (more.length === 0 && second === GROUNDING && isCaption(task)) {
    return { kind: 'grounded', name: `${task}+${GROUNDING}`, caption: task, generation }
  }
  if (more.length === 0 && second === READING_ORDER && isReading(task)) {
    return { kind: 'lines', name: `ocr+${READING_ORDER}`, generation }
  }
  throw new FlocapError('unknown_task', `Expected a chain of tasks, got ${JSON.stringify(name)}.`, {
    subject: '--task',
    hint:
      'The chains are caption+grounding, detailed_caption+grounding, ' +
      'more_detailed_caption+grounding and ocr+order.',
  })
}

function isCaption(task: TaskId): task is CaptionTaskId {
  return task === 'caption' || task === 'detailed_caption' || task === 'more_detailed_caption'
}

function isReading(task: TaskId): boolean {
  return task === 'ocr' || task === 'ocr_with_region'
}

/** Each task gets what it takes: with several tasks a text or region is for some of them. */
function toRequest(
  task: TaskId,
  generation: Generation,
  text: string | undefined,
  region: Region | undefined,
): TaskRequest {
  const { takes } = TASKS[task]
  const isMissing =
    (takes === 'region' && region === undefined) ||
    (takes === 'text' && text === undefined && !('defaultInput' in TASKS[task]))
  if (isMissing) {
    throw new FlocapError(
      'invalid_task_input',
      `Expected a ${takes} for the task ${task}, got none.`,
      {
        subject: `--${takes}`,
        hint: takes === 'text' ? 'Give --text "a red car".' : 'Give --region "34,160,597,372".',
      },
    )
  }
  const input = takes === 'text' ? text : undefined
  const place = takes === 'region' ? region : undefined
  // For its checks; the captioner makes its own.
  renderPrompt(task, input, place)
  return {
    task,
    generation,
    ...(input === undefined ? {} : { input }),
    ...(place === undefined ? {} : { region: place }),
  }
}

function assertTaken(questions: readonly Question[], kind: 'text' | 'region'): void {
  const isTaken = questions.some(
    (question) => question.kind === 'task' && TASKS[question.name].takes === kind,
  )
  if (isTaken) return
  const names = questions.map(({ name }) => name).join(', ')
  throw new FlocapError(
    'invalid_task_input',
    `Expected a task that takes a ${kind}, got ${names}.`,
    {
      subject: `--${kind}`,
      hint: `Leave --${kind} out, or choose a task that takes one.`,
    },
  )
}

const FLAGS: Readonly<Record<string, string>> = {
  num_beams: '--beams',
  max_new_tokens: '--max-tokens',
  prefix: '--start-with',
}

function toGeneration({ beams, maxTokens, startWith }: QuestionOptions): Generation {
  const generation: Generation = {
    ...(beams === undefined ? {} : { numBeams: Number(beams) }),
    ...(maxTokens === undefined ? {} : { maxNewTokens: Number(maxTokens) }),
    ...(startWith === undefined ? {} : { prefix: startWith }),
  }
  try {
    resolveGeneration(DEFAULT_GENERATION, generation)
    return generation
  } catch (error) {
    if (!(error instanceof FlocapError)) throw error
    const flag = FLAGS[error.subject ?? '']
    if (flag === undefined) throw error
    const message = error.message.replace(` for ${error.subject},`, ` for ${flag},`)
    throw new FlocapError(error.code, message, { subject: flag })
  }
}
