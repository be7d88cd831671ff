// One picture captioned again, for a person who looks at what came out before: nothing is written here.
import { FlocapError } from '../../base/errors.ts'
import { answerQuestions } from '../ask/answer-questions.ts'
import { parseQuestions } from '../ask/questions.ts'
import { TASKS, type TaskId } from '../../caption/tasks.ts'
import type { TextRule } from '../../caption/rules/text-rules.ts'
import type { PictureFile } from '../inputs/picture-file.ts'
import type { CaptionSource } from '../ports.ts'
import { toCaptioned } from '../run/to-captioned.ts'

export interface CaptionedAgain {
  readonly caption: string
  /** 0 to 1. */
  readonly confidence: number | null
  readonly model: { readonly id: string; readonly demo: boolean }
}

export interface CaptionAgainOptions {
  /** Started when it is first asked. */
  readonly source: Pick<CaptionSource, 'start'>
  /** As those of the run that captioned the folder. */
  readonly rules: readonly TextRule[]
}

export type CaptionAgain = (
  picture: PictureFile,
  task: string,
  signal?: AbortSignal,
) => Promise<CaptionedAgain>

/** Tasks that say something of a picture and need nothing else, with their titles. */
export const CAPTION_TASKS: readonly { readonly id: TaskId; readonly title: string }[] =
  Object.entries(TASKS).flatMap(([id, { answer, takes, title }]) =>
    answer === 'text' && takes === 'nothing' && isTaskId(id) ? [{ id, title }] : [],
  )

function isTaskId(id: string): id is TaskId {
  return Object.hasOwn(TASKS, id)
}

/**
 * @throws FlocapError from what it returns: `unknown_task`, `empty_answer` when the model says nothing,
 * `empty_caption` when a rule leaves nothing, else as the captioner and its start.
 */
export function createCaptionAgain({ source, rules }: CaptionAgainOptions): CaptionAgain {
  return async (picture, task, signal) => {
    const questions = parseQuestions({ task })
    const captioner = await source.start()
    const bytes = await picture.read()
    const hooks = signal === undefined ? {} : { signal }
    const answered = await answerQuestions(captioner, bytes, questions, hooks)
    const { captions, answers } = toCaptioned(picture, answered, { questions, rules, minScore: 0 })
    const [caption] = captions
    if (caption === undefined) {
      throw new FlocapError('empty_answer', 'The model found nothing to say about this picture.')
    }
    const { id, demo } = captioner.model
    return { caption, confidence: answers[0]?.confidence ?? null, model: { id, demo } }
  }
}
