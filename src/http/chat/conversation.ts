// What a chat asks for, in any dialect: which of its pictures, and which of its texts matter.
//
// Clients resend the whole chat, so only its last turn with a picture counts: everything since the
// assistant spoke last. Some put each picture, or each result of a tool, into a message of its own.
// What is passed over as memory is counted, so that the answer can say it.
import type { FlocapError } from '../../base/errors.ts'

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** `field` says where the picture stands in the request, for messages. */
  | { readonly kind: 'image'; readonly source: string; readonly field: string }
  /** Audio, video, a stored file: what cannot be looked at, and the error that says so. */
  | { readonly kind: 'unreadable'; readonly error: FlocapError }

export interface Message {
  readonly role: string
  readonly parts: readonly Part[]
}

interface ChosenImage {
  readonly source: string
  readonly field: string
  /** The client's own name for it, such as `Image 1`, without its colon. */
  readonly label?: string
}

export interface ChosenContent {
  readonly images: readonly ChosenImage[]
  /** Fields of the pictures that are memory and so not described. */
  readonly memory: readonly string[]
  /** Texts of the user that can choose a task, newest first. */
  readonly texts: readonly string[]
  /** Texts of the system, newest first: they choose a task when the user's choose none. */
  readonly systemTexts: readonly string[]
}

/** A heading, not a paragraph that happens to end with a colon. */
const MAX_LABEL_LENGTH = 100

/** How clients say that a message's pictures are not asked about; LLM Vision has the first and last. */
const MEMORY_MARKS = /\bserve as (?:a )?reference\b|\bfor reference only\b|\bnot to be mentioned\b/i

/** Roles of instructions that stand above the conversation. */
const SYSTEM_ROLES: ReadonlySet<string> = new Set(['system', 'developer'])

/**
 * The pictures of the last turn that has any, except what the client calls memory, and the texts
 * around them.
 *
 * @throws FlocapError the error of a part of that turn that cannot be read: silence would look as if
 *   it had been understood.
 */
export function chooseContent(messages: readonly Message[]): ChosenContent {
  const turn = lastTurnWithMedia(messages)
  for (const message of turn) {
    for (const part of message.parts) if (part.kind === 'unreadable') throw part.error
  }
  const group = turn.filter(
    (message) => hasMedia(message) && (message === turn.at(-1) || !isMemory(message)),
  )
  const described = new Set(group)
  return {
    images: group.flatMap(({ parts }) => imagesOf(parts)),
    memory: messages
      .filter((message) => !described.has(message))
      .flatMap(({ parts }) => imagesOf(parts).map(({ field }) => field)),
    texts: textsAround(messages, group),
    systemTexts: newestFirst(messages.filter(({ role }) => SYSTEM_ROLES.has(role))),
  }
}

/** A message of the assistant ends a turn; pictures in one are a turn of their own. */
function lastTurnWithMedia(messages: readonly Message[]): readonly Message[] {
  const last = messages.findLastIndex((message) => hasMedia(message))
  const message = messages[last]
  if (message === undefined) return []
  if (message.role === 'assistant') return [message]
  const begin = messages.slice(0, last).findLastIndex(({ role }) => role === 'assistant') + 1
  return messages.slice(begin, last + 1)
}

function hasMedia({ role, parts }: Message): boolean {
  // What an assistant wrote into the arguments of a tool is no part of the conversation.
  return parts.some(
    ({ kind }) => kind === 'image' || (kind === 'unreadable' && role !== 'assistant'),
  )
}

/** The client's own words say so: pictures without them are asked about, whatever else stands there. */
function isMemory(message: Message): boolean {
  return isUser(message) && textsOf(message).some((text) => MEMORY_MARKS.test(text))
}

function imagesOf(parts: readonly Part[]): ChosenImage[] {
  return parts.flatMap((part, index) => {
    if (part.kind !== 'image') return []
    const label = labelOf(parts[index - 1])
    const image = { source: part.source, field: part.field }
    return [label === undefined ? image : { ...image, label }]
  })
}

/** A short line that ends with a colon, right before the picture: `Image 1:`, `Front door:`. */
function labelOf(part: Part | undefined): string | undefined {
  if (part?.kind !== 'text') return undefined
  const text = part.text.trim()
  if (!text.endsWith(':') || text.includes('\n') || text.length > MAX_LABEL_LENGTH) {
    return undefined
  }
  return text.slice(0, -1).trim() || undefined
}

/**
 * Texts of the messages with the pictures and of the user after them, newest first. When those
 * messages hold no text at all, the one before belongs to them.
 */
function textsAround(messages: readonly Message[], group: readonly Message[]): string[] {
  const [first] = group
  const last = group.at(-1)
  const later = messages
    .slice(last === undefined ? 0 : messages.indexOf(last) + 1)
    .filter(({ role }) => role === 'user')
  const between =
    first === undefined || last === undefined
      ? []
      : messages.slice(messages.indexOf(first), messages.indexOf(last) + 1)
  const own = newestFirst(between.filter((message) => group.includes(message) || isUser(message)))
  const before = first === undefined ? undefined : messages[messages.indexOf(first) - 1]
  const earlier = own.length === 0 && before !== undefined && isUser(before) ? textsOf(before) : []
  return [...newestFirst(later), ...own, ...earlier]
}

function isUser({ role }: Message): boolean {
  return role === 'user'
}

function newestFirst(messages: readonly Message[]): string[] {
  return messages.toReversed().flatMap((message) => textsOf(message))
}

/** Of one message, the last text first. */
function textsOf(message: Message): string[] {
  return message.parts
    .flatMap((part) => (part.kind === 'text' && part.text.trim() !== '' ? [part.text] : []))
    .toReversed()
}
