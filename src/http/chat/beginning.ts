// A forced beginning: the last message of a chat is the assistant's, and the model goes on from there.
//
// Clients put both together themselves, so only the rest comes back.
import { FlocapError } from '../../base/errors.ts'
import { cleanText } from '../../caption/clean-text.ts'
import { TASKS } from '../../caption/tasks.ts'
import type { Message } from './conversation.ts'
import type { Question } from './describe.ts'

/** What an answer begins with already. */
export interface Beginning {
  /** As the answer has it. */
  readonly text: string
  /** The client's text ends with a blank: the rest begins with a word. */
  readonly endsBlank: boolean
}

/**
 * The question whose answer goes on from the last message, where that is the assistant's.
 *
 * @throws FlocapError invalid_request for several pictures, and for a task that does not write text.
 */
export function withBeginning(question: Question, messages: readonly Message[]): Question {
  const last = messages.at(-1)
  if (last?.role !== 'assistant') return question
  const written = last.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('')
  const task = TASKS[question.choice.task]
  const text = cleanText(written, task.layout)
  if (text === '') return question
  if (task.answer !== 'text') {
    throw refuse(`a task that answers with text, got ${task.token}`)
  }
  if (question.pictures.length > 1) {
    throw refuse(`one picture, got ${question.pictures.length}`)
  }
  return {
    ...question,
    generation: { ...question.generation, prefix: text },
    beginning: { text, endsBlank: /\s$/.test(written) },
  }
}

/** What follows the beginning; all of a text that does not begin with it. */
export function restOf(text: string, beginning: Beginning | undefined): string {
  if (beginning === undefined || !text.startsWith(beginning.text)) return text
  const rest = text.slice(beginning.text.length)
  return beginning.endsBlank ? rest.trimStart() : rest
}

function refuse(expected: string): FlocapError {
  return new FlocapError(
    'invalid_request',
    `Expected ${expected} for an answer whose beginning is given.`,
    { hint: 'Leave the last message of the assistant out.', subject: 'messages' },
  )
}
