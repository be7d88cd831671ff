// Chats without a picture. Programs that caption also ask for a title or for tags of a text they
// already have: those are made from its own words, because there is no model for text here.
import type { Message } from './conversation.ts'

/** What any other chat without a picture is answered: health checks need a 200. */
export const TEXT_ONLY_ANSWER =
  'FloCap describes pictures. Send a message with an image to get its description.'

/** Where a prompt says that its text begins, the last of them counts; or the text stands in a tag. */
const INTRODUCTION = /\b(?:text|description|caption|content|summary|message)s?\s*:\s*/gi
const ENCLOSED =
  /<(chat_history|text_content|text|content|conversation|document)>([\s\S]{1,20000}?)<\/\1>/i

/** `<6 words`, `3-5 words`, `at most 4 words`, `max 8 words`. */
const WORD_LIMIT = /(<\s*)?(\d{1,2})(?:\s*(?:-|–|to)\s*(\d{1,2}))?\s*words?\b/i

const DEFAULT_WORDS = 6

const MAX_TAGS = 5

/** Texts beyond this are not searched for a title: it stands at the beginning. */
const MAX_CHARACTERS = 20_000

/** Words that a title does not end with and a tag is not. */
const SMALL_WORDS = new Set(
  'a an and are as at by for from has have in is it its of on or that the there this to was with'.split(
    ' ',
  ),
)

export interface TextFacts {
  readonly title: string
  readonly tags: readonly string[]
}

/** The answer to a chat without a picture; JSON where the prompt shows an object with the answer. */
export function answerTextOnly(messages: readonly Message[]): string {
  const prompt = promptOf(messages)
  const wantsTags = /\btags?\b|\bkeywords?\b/i.test(prompt)
  const wantsTitle = /\btitle\b|\bheadline\b/i.test(prompt)
  const text = wantsTags || wantsTitle ? subjectOf(prompt) : undefined
  if (text === undefined) return TEXT_ONLY_ANSWER
  if (wantsTitle) return inShape(prompt, 'title', titleOf(text, wordLimit(prompt)))
  const tags = tagsOf(text)
  return /"tags"\s*:/.test(prompt) ? JSON.stringify({ tags }) : tags.join(', ')
}

/** What a schema can ask about a text that the chat contains; undefined where it contains none. */
export function factsOfText(messages: readonly Message[]): TextFacts | undefined {
  const prompt = promptOf(messages)
  const text = subjectOf(prompt)
  return text === undefined
    ? undefined
    : { title: titleOf(text, wordLimit(prompt)), tags: tagsOf(text) }
}

function promptOf(messages: readonly Message[]): string {
  return messages
    .filter(({ role }) => role !== 'assistant')
    .flatMap(({ parts }) => parts.map((part) => (part.kind === 'text' ? part.text : '')))
    .join('\n')
    .slice(-MAX_CHARACTERS)
}

function inShape(prompt: string, name: string, value: string): string {
  return new RegExp(`"${name}"\\s*:`).test(prompt) ? JSON.stringify({ [name]: value }) : value
}

/** The text that the prompt is about; undefined where it names none. */
function subjectOf(prompt: string): string | undefined {
  const enclosed = ENCLOSED.exec(prompt)?.[2]
  const start = [...prompt.matchAll(INTRODUCTION)].at(-1)
  const text = enclosed ?? (start && prompt.slice(start.index + start[0].length))
  // Of a chat, what was said last.
  const said = text?.split(/^\s*(?:user|assistant)\s*:\s*/gim).findLast((part) => /\w/.test(part))
  return said === undefined || !/[\p{L}\p{N}]/u.test(said) ? undefined : said.trim()
}

function wordLimit(prompt: string): number {
  const [, below, first, last] = WORD_LIMIT.exec(prompt) ?? []
  if (first === undefined) return DEFAULT_WORDS
  return Math.max(1, Number(last ?? first) - (below === undefined ? 0 : 1))
}

/** The first clause, cut behind a word that can stand at an end. */
function titleOf(text: string, most: number): string {
  const [clause = ''] = text.split(/[.!?;:\n]/)
  const words = clause.trim().split(/\s+/).slice(0, most)
  while (words.length > 1 && SMALL_WORDS.has(words.at(-1)?.toLowerCase() ?? '')) words.pop()
  return words.join(' ').replace(/[,'"]+$/, '') || (text.split(/\s+/)[0] ?? text)
}

function tagsOf(text: string): string[] {
  const words = text.toLowerCase().match(/\p{L}{3,}/gu) ?? []
  return [...new Set(words.filter((word) => !SMALL_WORDS.has(word)))].slice(0, MAX_TAGS)
}
