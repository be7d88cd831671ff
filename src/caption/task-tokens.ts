// Tokens that a fine-tune has added to Florence-2's for tasks of its own: which of a tokenizer's they
// are, and where they stand in what people write.
import { ADDED_TOKENS } from './control-tokens.ts'
import type { Prompt } from './ports.ts'
import { isTaskId, normaliseName, TASKS } from './tasks.ts'

/** A task's token as people form them: `<MY_TASK>`; not `</x>`, which ends something. */
const TASK_TOKEN = /^<[A-Za-z][\w-]{0,60}>$/

/** BART's own, and what transformers' Florence-2 adds for the picture. */
const OTHER_TOKENS = ['<s>', '<pad>', '<unk>', '<mask>', '<image>']

const KNOWN_TOKENS: ReadonlySet<string> = new Set([...ADDED_TOKENS, ...OTHER_TOKENS])

/** @param added contents of the added tokens in tokenizer.json, in their order */
export function findTaskTokens(added: readonly string[]): readonly string[] {
  return added.filter((token) => TASK_TOKEN.test(token) && !KNOWN_TOKENS.has(token))
}

/** The text with the tokens in it as tokens, as the reference's tokenizer reads it. */
export function separateTokens(text: string, tokens: readonly string[]): Prompt {
  // Names of tokens have no character that a regular expression reads in another way.
  const pattern = new RegExp(`(${tokens.join('|')})`)
  const pieces = tokens.length === 0 ? [text] : text.split(pattern)
  return pieces
    .filter((piece) => piece !== '')
    .map((piece) =>
      tokens.includes(piece) ? { kind: 'token', token: piece } : { kind: 'text', text: piece },
    )
}

/** The token that a name means: `<MY_TASK>`, `my_task` or `my-task`; undefined for none. */
export function findTaskToken(
  name: string,
  tokens: readonly string[] | undefined,
): string | undefined {
  const wanted = normaliseName(name)
  return tokens?.find((token) => normaliseName(token) === wanted)
}

/** The token of the model that a text begins with. */
export function leadingTaskToken(
  text: string,
  tokens: readonly string[] | undefined,
): string | undefined {
  const start = text.trimStart()
  return tokens?.find((token) => start.startsWith(token))
}

/**
 * Whether a text begins with what may be a token of the model itself: before the model is loaded
 * nobody knows them.
 */
export function mayLeadWithTaskToken(text: string): boolean {
  const [, token = ''] = /^\s*(<[^<>]{1,63}>)/.exec(text) ?? []
  return mayBeTaskToken(token)
}

/**
 * The same for a name, with or without its brackets. Only Florence-2's own tasks are surely none: a
 * fine-tune's token comes before what FloCap calls a task of others, such as `mix_caption`.
 */
export function mayBeTaskToken(name: string): boolean {
  const id = normaliseName(name)
  if (isTaskId(id) && TASKS[id].family === 'florence2') return false
  return TASK_TOKEN.test(`<${id}>`) && !KNOWN_TOKENS.has(`<${id}>`)
}
