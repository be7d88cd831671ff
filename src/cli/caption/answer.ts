// One picture through all questions of a command line.
import { FlocapError } from '../../base/errors.ts'
import type { CaptionResult, TasksCaptioner } from '../../caption/captioner.ts'
import { captionAndGround, readText } from '../../caption/cascades.ts'
import type { PictureSize } from '../../caption/ports.ts'
import type { TaskData } from '../../caption/task-data.ts'
import type { Question } from './questions.ts'

export interface Answer {
  /** The question's name. */
  readonly task: string
  /** For people. */
  readonly text: string
  /** For programs: everything known about it, `task` and `text` included. */
  readonly whole: Readonly<Record<string, unknown>>
  /** What can be drawn, in pixels of `picture`. */
  readonly data: TaskData
  readonly picture: PictureSize
}

/**
 * One answer for each question, in their order. Plain tasks share one pass of the vision encoder.
 * @throws FlocapError as the captioner.
 */
export async function answerQuestions(
  captioner: TasksCaptioner,
  picture: Uint8Array,
  questions: readonly Question[],
): Promise<readonly Answer[]> {
  const requests = questions.flatMap((question) =>
    question.kind === 'task' ? [question.request] : [],
  )
  const results =
    requests.length === 0 ? [] : await captioner.captionTasks({ picture, tasks: requests })
  const plain = results.values()
  const answers: Answer[] = []
  for (const question of questions) {
    answers.push(await answerQuestion(captioner, picture, question, plain))
  }
  return answers
}

async function answerQuestion(
  captioner: TasksCaptioner,
  picture: Uint8Array,
  question: Question,
  plain: IterableIterator<CaptionResult>,
): Promise<Answer> {
  const { name: task } = question
  switch (question.kind) {
    case 'task': {
      const { value: result, done } = plain.next()
      if (done === true) throw new FlocapError('internal_error', `No result for the task ${task}.`)
      return toAnswer(task, result, result.text, result)
    }
    case 'grounded': {
      const { caption: asked, generation } = question
      const chain = await captionAndGround(captioner, { picture, caption: asked, generation })
      const { caption, grounding } = chain
      const text = grounding === undefined ? caption.text : `${caption.text}\n${grounding.text}`
      return toAnswer(task, grounding ?? caption, text, { ...chain })
    }
    case 'lines': {
      const { generation } = question
      const { result, lines } = await readText(captioner, { picture, generation })
      return toAnswer(task, result, result.text, { ...result, lines })
    }
  }
}

function toAnswer(
  task: string,
  { data, picture }: CaptionResult,
  text: string,
  details: object,
): Answer {
  return { task, text, data, picture, whole: { ...details, task, text } }
}
