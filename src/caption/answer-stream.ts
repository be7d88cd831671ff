// Passes on an answer while it is being written, so that the pieces add up to the final text.
import { FlocapError } from '../base/errors.ts'
import { createTextCleaner } from './clean-text.ts'
import type { Task } from './tasks.ts'

export interface AnswerStream {
  /** Takes a piece of the model's text, control tokens included. */
  push(piece: string): void
  /**
   * Passes on what is missing of the final text.
   * @throws FlocapError `internal_error` when the text passed on so far is not its beginning.
   */
  finish(finalText: string): void
}

/** `emit` gets pieces of clean text, never an empty one. */
export function createAnswerStream(task: Task, emit: (text: string) => void): AnswerStream {
  const cleaner = createTextCleaner(task.layout)
  let passedOn = ''

  function pass(text: string): void {
    if (text === '') return
    passedOn += text
    emit(text)
  }

  return {
    push: (piece) => pass(cleaner.push(piece)),
    finish(finalText) {
      if (!finalText.startsWith(passedOn)) {
        throw new FlocapError('internal_error', 'The streamed text differs from the final answer.')
      }
      pass(finalText.slice(passedOn.length))
    },
  }
}
