// What is sent to the model for a task: the table's prompt with the caller's text or region in it.
//
// User text stays inside `text` parts, which the tokenizer never reads as control tokens; only `<and>`
// between phrases becomes one. Here FloCap is stricter than the reference, where a caption that contains `<loc_1>` or `</s>` becomes tokens.
import { FlocapError } from '../base/errors.ts'
import { showValue } from '../base/show-value.ts'
import type { Prompt, PromptPart } from './ports.ts'
import { toRegionParts } from './region.ts'
import type { Region } from './region.ts'
import { separateTokens } from './task-tokens.ts'
import { TASKS } from './tasks.ts'
import type { TaskId } from './tasks.ts'

/**
 * Characters of a task's text. The largest checkpoint reads 4096 tokens of about four characters;
 * the exact limit in tokens is the model's, this one keeps a megabyte from being tokenised first.
 */
export const MAX_INPUT_CHARACTERS = 16_384

/** Control characters except tab, line feed and carriage return, which the reference keeps too. */
// oxlint-disable-next-line no-control-regex -- finding control characters is its purpose
const CONTROL_CHARACTER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/

/** With the `u` flag a surrogate pair is one code point, so only a lone half matches. */
const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * The prompt of a task.
 *
 * @param taskTokens those of the model itself: in a prompt as written they are control tokens
 * @throws FlocapError `invalid_task_input` when the task needs a text or region that is missing or
 * wrong, or was given one that it does not take; `prompt_too_long` when the text is too long.
 */
export function renderPrompt(
  task: TaskId,
  input?: string,
  region?: Region,
  taskTokens: readonly string[] = [],
): Prompt {
  const { takes, prompt } = TASKS[task]
  if (input !== undefined && takes !== 'text') {
    throw invalidInput(
      `Expected ${takes === 'nothing' ? 'no text' : 'a region and no text'} for the task ${task}, got ${showValue(input)}.`,
    )
  }
  if (region !== undefined && takes !== 'region') {
    throw invalidInput(`Expected no region for the task ${task}, got one.`)
  }
  switch (takes) {
    case 'nothing':
      return [{ kind: 'text', text: prompt }]
    case 'text':
      if (task === 'raw') return separateTokens(toTaskInput(task, input), taskTokens)
      // A function, because `replace` reads `$&` and the like in a replacement string.
      return separatePhrases(
        task,
        prompt.replace('{input}', () => toTaskInput(task, input)),
      )
    case 'region':
      return renderRegionPrompt(task, prompt, region)
  }
}

/** Stands between phrases in a text: `a car<and>a building`. */
export const PHRASE_SEPARATOR = '<and>'

/** Whether a task looks for several phrases at once: those of Florence-2 that take a text. */
export function takesPhrases(task: TaskId): boolean {
  return TASKS[task].takes === 'text' && TASKS[task].family === 'florence2'
}

/**
 * The one control token that a caller's text may hold: Florence-2 was trained with it between the
 * phrases of a prompt, and the reference's tokenizer makes it one wherever it stands.
 */
function separatePhrases(task: TaskId, text: string): Prompt {
  if (!takesPhrases(task)) return [{ kind: 'text', text }]
  return text
    .split(PHRASE_SEPARATOR)
    .flatMap((phrase, index): PromptPart[] => [
      ...(index === 0 ? [] : [{ kind: 'token' as const, token: PHRASE_SEPARATOR }]),
      ...(phrase === '' ? [] : [{ kind: 'text' as const, text: phrase }]),
    ])
}

/** The text of a task, without the white space around it, as transformers' own processor sends it. */
function toTaskInput(task: TaskId, input: string | undefined): string {
  const text = input?.trim() || TASKS[task].defaultInput
  if (text === undefined) {
    throw invalidInput(
      `Expected a text for the task ${task}, got none.`,
      `Write it behind the task: ${TASKS[task].token} a red car.`,
    )
  }
  if (text.length > MAX_INPUT_CHARACTERS) {
    throw new FlocapError(
      'prompt_too_long',
      `Expected a text of at most ${MAX_INPUT_CHARACTERS} characters for the task ${task}, got ${text.length}.`,
      { subject: 'input' },
    )
  }
  const control = CONTROL_CHARACTER.exec(text)
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
    throw invalidInput(
      `Expected text without control characters for the task ${task}, got U+${code}.`,
    )
  }
  if (LONE_SURROGATE.test(text)) {
    throw invalidInput(`Expected valid Unicode for the task ${task}, got half a surrogate pair.`)
  }
  return text
}

function renderRegionPrompt(task: TaskId, prompt: string, region: Region | undefined): Prompt {
  if (region === undefined) {
    throw invalidInput(
      `Expected a region for the task ${task}, got none.`,
      `Write it behind the task: ${TASKS[task].token}<loc_52><loc_332><loc_932><loc_774>.`,
    )
  }
  const [before = '', after = ''] = prompt.split('{input}')
  const parts: PromptPart[] = [{ kind: 'text', text: before }, ...toRegionParts(region)]
  // An empty text would still be a part to encode.
  if (after !== '') parts.push({ kind: 'text', text: after })
  return parts
}

function invalidInput(message: string, hint?: string): FlocapError {
  return new FlocapError('invalid_task_input', message, {
    subject: 'input',
    ...(hint === undefined ? {} : { hint }),
  })
}
