// What a chat asks for, in any dialect: which of its pictures, and which of its texts matter.
//
// Clients resend the whole chat, so only the last message that holds a picture counts; some put the
// picture into a message of its own, before or after the text that belongs to it.

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** `field` says where the picture stands in the request, for messages. */
  | { readonly kind: 'image'; readonly source: string; readonly field: string }

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
  /** Texts of the user that can choose a task, newest first. */
  readonly texts: readonly string[]
}

/** A heading, not a paragraph that happens to end with a colon. */
const MAX_LABEL_LENGTH = 100

/** The pictures of the last message that has any, and the texts around them. */
export function chooseContent(messages: readonly Message[]): ChosenContent {
  const at = messages.findLastIndex((message) =>
    message.parts.some((part) => part.kind === 'image'),
  )
  const images = imagesOf(messages[at]?.parts ?? [])
  return { images, texts: textsAround(messages, at) }
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
 * Texts of the message with the pictures and of the user after it, newest first. When that message
 * holds no text at all, the one before belongs to it.
 */
function textsAround(messages: readonly Message[], at: number): string[] {
  const own = textsOf(messages[at])
  const later = messages
    .slice(at + 1)
    .filter((message) => message.role === 'user')
    .toReversed()
    .flatMap((message) => textsOf(message))
  const before = messages[at - 1]
  const earlier = own.length === 0 && before?.role === 'user' ? textsOf(before) : []
  return [...later, ...own, ...earlier]
}

function textsOf(message: Message | undefined): string[] {
  return (message?.parts ?? [])
    .flatMap((part) => (part.kind === 'text' && part.text.trim() !== '' ? [part.text] : []))
    .toReversed()
}
