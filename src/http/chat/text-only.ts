// Chats without a picture. Programs that caption also ask for a title, tags or a summary of a text they
// already have: those are made from its own words, because there is no model for text here.
import { summariesOf, tagsOfText, type TextSource } from '../../structured/answer/text-source.ts'
import { findShape } from '../../structured/schema/find-shape.ts'
import { createStructuredRequest } from '../../structured/structured-request.ts'
import type { Message } from './conversation.ts'

/** What any other chat without a picture is answered: health checks need a 200. */
export const TEXT_ONLY_ANSWER =
  'FloCap describes pictures. Send a message with an image to get its description.'

/** Where a prompt says that its text begins, the last of them counts; or the text stands in a tag. */
const INTRODUCTION = /\b(?:text|description|caption|content|summary|message)s?[^\S\n]{0,9}:\s*/gi
const ENCLOSING =
  /<(chat_history|text_content|text|content|conversation|document|bookmark_content)>/gi

/** `<6 words`, `3-5 words`, `at most 4 words`, `max 8 words`. */
const WORD_LIMIT = /(<\s*)?(\d{1,2})(?:\s*(?:-|–|to)\s*(\d{1,2}))?\s*words?\b/i

const DEFAULT_WORDS = 6

/** What a text is about stands at its beginning: the rest of a long one is not looked at. */
const MAX_CHARACTERS = 20_000

/** Open WebUI asks these of a text model; that none come to mind is an answer that it understands. */
const LISTS_OF_IDEAS = /"(follow_ups|queries)"\s*:/

/** Words that a title does not end with and a tag is not. */
const SMALL_WORDS = new Set(
  'a an and are as at by for from has have in is it its of on or that the there this to was with'.split(
    ' ',
  ),
)

interface Subject {
  readonly text: string
  /** What stands around it. */
  readonly instructions: string
}

/** The answer to a chat without a picture; JSON where the prompt shows an object with the answer. */
export function answerTextOnly(messages: readonly Message[]): string {
  const subject = subjectOf(messages)
  if (subject === undefined) return TEXT_ONLY_ANSWER
  const source = toSource(subject)
  const { instructions } = subject
  const ideas = LISTS_OF_IDEAS.exec(instructions)?.[1]
  if (ideas !== undefined) return JSON.stringify({ [ideas]: [] })
  const asks = (words: RegExp) => words.test(instructions)
  const wantsTitle = asks(/\btitle\b|\bheadline\b/i)
  const wantsTags = asks(/\btags?\b|\bkeywords?\b/i)
  const wantsSummary = asks(/\bsummary\b|\bsummari[sz]e\b/i)
  if (!wantsTitle && !wantsTags && !wantsSummary) return TEXT_ONLY_ANSWER
  const shaped = answerInShape(instructions, source)
  if (shaped !== undefined) return shaped
  if (wantsTitle) return source.title
  return wantsTags ? tagsOfText(source).join(', ') : (summariesOf(source)[0] ?? source.text)
}

/** What a schema can ask about: a text that the chat contains; undefined where it contains none. */
export function textOfChat(messages: readonly Message[]): TextSource | undefined {
  const subject = subjectOf(messages) ?? lastMessageOf(messages)
  return subject && toSource(subject)
}

/** As the object that the prompt shows as an example; undefined where it shows none that can be filled. */
function answerInShape(instructions: string, source: TextSource): string | undefined {
  const shape = findShape([instructions])
  if (shape === undefined) return undefined
  try {
    return createStructuredRequest(shape, 'the prompt').answerText(source)?.json
  } catch {
    // Braces in a prompt are no request: what is not meant as a shape is answered in words.
    return undefined
  }
}

function toSource({ text, instructions }: Subject): TextSource {
  const words = text.toLowerCase().match(/\p{L}{3,}/gu) ?? []
  return {
    title: titleOf(text, wordLimit(instructions)),
    text,
    words: [...new Set(words.filter((word) => !SMALL_WORDS.has(word)))],
  }
}

/** The text that the prompt is about; undefined where it names none. */
function subjectOf(messages: readonly Message[]): Subject | undefined {
  const prompt = messages.flatMap((message) => textsOf(message)).join('\n')
  const place = enclosedIn(prompt) ?? introducedIn(prompt)
  return place && toSubject(prompt, place.start, place.end)
}

/** A message of its own below instructions of the system. */
function lastMessageOf(messages: readonly Message[]): Subject | undefined {
  const last = messages.at(-1)
  if (last?.role !== 'user' || !messages.some(({ role }) => role === 'system')) return undefined
  const text = textsOf(last).join('\n')
  const others = messages.slice(0, -1).flatMap((message) => textsOf(message))
  const subject = toSubject(text, 0, text.length)
  return subject && { ...subject, instructions: others.join('\n') }
}

function textsOf({ role, parts }: Message): string[] {
  if (role === 'assistant') return []
  return parts.map((part) => (part.kind === 'text' ? part.text : ''))
}

interface Place {
  readonly start: number
  readonly end: number
}

function enclosedIn(prompt: string): Place | undefined {
  // One that is never closed is looked for once, however often it is opened.
  const open = new Set<string>()
  for (const { index, 0: tag, 1: name = '' } of prompt.matchAll(ENCLOSING)) {
    if (open.has(name)) continue
    const start = index + tag.length
    const end = prompt.indexOf(`</${name}>`, start)
    if (end !== -1) return { start, end }
    open.add(name)
  }
  return undefined
}

function introducedIn(prompt: string): Place | undefined {
  const last = [...prompt.matchAll(INTRODUCTION)].at(-1)
  return last && { start: last.index + last[0].length, end: prompt.length }
}

function toSubject(prompt: string, start: number, end: number): Subject | undefined {
  const text = prompt.slice(start, Math.min(end, start + MAX_CHARACTERS))
  // Of a chat, what was said last.
  const said = text
    .split(/^[^\S\n]*(?:user|assistant)[^\S\n]*:/gim)
    .findLast((part) => /[\p{L}\p{N}]/u.test(part))
  if (said === undefined) return undefined
  return { text: said.trim(), instructions: `${prompt.slice(0, start)}\n${prompt.slice(end)}` }
}

function wordLimit(instructions: string): number {
  const [, below, first, last] = WORD_LIMIT.exec(instructions) ?? []
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
