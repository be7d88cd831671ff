// The content of messages, as any dialect writes it, to parts: OpenAI's two, Anthropic's, Ollama's,
// Gemini's, Bedrock's, those of the AI SDK, LangChain, langchaingo and MCP.
//
// Clients mix them freely, so one reader knows all. What holds media and cannot be read becomes an
// `unreadable` part: never nothing.
import { FlocapError } from '../../base/errors.ts'
import { toStoredFile } from '../body/stored-file.ts'
import type { Message, Part } from './conversation.ts'
import type { Fields, MediaKind } from './media.ts'
import { findMedia, isFields, kindOfMediaType, kindOfType, mediaTypeOf } from './media.ts'
import { splitPictures } from './picture-text.ts'

/** Members that hold further content: results of tools, Gemini's and the AI SDK's lists of parts. */
const CONTENT_KEYS = ['content', 'parts', 'output', 'result', 'value'] as const

/** Members that hold a picture, or an object that does, in the order in which they are tried. */
const PICTURE_KEYS = [
  'image_url',
  'imageUrl',
  'image',
  'image_base64',
  'source',
  'inline_data',
  'inlineData',
  'binary',
  'data',
  'bytes',
  'base64',
  'b64_json',
  'blob',
  'url',
  'file',
  'file_data',
  'fileData',
  'file_uri',
  'fileUri',
  'uri',
  'resource',
] as const

/** Members that hold pictures and nothing else, in a message or beside the messages. */
const IMAGE_KEYS = ['image_url', 'image', 'image_base64', 'images', 'image_data'] as const

/** Lists of attached files beside the content. */
const ATTACHMENT_KEYS = ['attachments', 'experimental_attachments', 'files'] as const

/** Members of a request that describe the answer and may hold examples. */
const NOT_CONTENT = ['tools', 'functions', 'response_format', 'format', 'text', 'metadata'] as const

/** Deeper than any dialect nests a picture in a part. */
const MAX_PART_DEPTH = 6

/** Content as a text, a list of parts or one part. */
export function readContent(content: unknown, field: string, depth = 0): Part[] {
  if (typeof content === 'string') return splitPictures(content, field)
  if (Array.isArray(content)) {
    return content.flatMap((part, index) => readContent(part, `${field}[${index}]`, depth))
  }
  return isFields(content) ? readPart(content, field, depth) : []
}

/** All messages of a request, and pictures beside them where the messages have none. */
export function readMessages(request: Fields, key: 'messages' | 'input'): Message[] {
  const list = request[key]
  const messages = (Array.isArray(list) ? list : []).map((message: unknown, index) =>
    readMessage(isFields(message) ? message : {}, `${key}[${index}]`),
  )
  const hasMedia = messages.some(({ parts }) => parts.some(({ kind }) => kind !== 'text'))
  if (hasMedia) return messages
  const loose = readLoosePictures(request)
  const parts = loose.length > 0 ? loose : unreadableIn(omit(request, [key, ...NOT_CONTENT]), '')
  return parts.length === 0 ? messages : [...messages, { role: 'user', parts }]
}

/** A message with all that stands in it: content, and pictures beside the content. */
export function readMessage(message: Fields, field: string): Message {
  const { role, ...rest } = message
  return {
    role: typeof role === 'string' ? role : 'user',
    parts: [
      ...['text', ...CONTENT_KEYS].flatMap((key) => readContent(message[key], join(field, key))),
      ...readLoosePictures(message, field),
      ...unreadableIn(
        omit(rest, [...CONTENT_KEYS, ...IMAGE_KEYS, ...ATTACHMENT_KEYS, 'tool_calls']),
        field,
      ),
    ],
  }
}

/** Pictures beside the content of a message or beside all messages: `images`, `image_url` ... */
function readLoosePictures(holder: Fields, field = ''): Part[] {
  return [
    ...IMAGE_KEYS.flatMap((key) => readPictures(holder[key], join(field, key))),
    ...ATTACHMENT_KEYS.flatMap((key) => readContent(holder[key], join(field, key))),
  ]
}

function join(field: string, key: string): string {
  return field === '' ? key : `${field}.${key}`
}

/** What is no part that FloCap knows, but holds media. */
function unreadableIn(value: unknown, field: string): Part[] {
  const found = findMedia(value, field)
  return found === undefined ? [] : [unreadable(found.kind, found.field)]
}

function readPictures(value: unknown, field: string): Part[] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) {
    return value.flatMap((each, index) => readPictures(each, `${field}[${index}]`))
  }
  const picture = findPicture(value, field)
  return picture === undefined ? [withoutData('image', field)] : [picture]
}

function readPart(part: Fields, field: string, depth: number): Part[] {
  if (depth > MAX_PART_DEPTH) return unreadableIn(part, field)
  const kind = kindOfPart(part)
  const texts = typeof part['text'] === 'string' ? splitPictures(part['text'], field) : []
  if (kind !== undefined) return [...texts, ...readMedia(part, kind, field, depth)]
  const nested = CONTENT_KEYS.flatMap((key) => readContent(part[key], `${field}.${key}`, depth + 1))
  return [...texts, ...nested, ...unreadableIn(omit(part, ['text', ...CONTENT_KEYS]), field)]
}

/** The media type of the data counts most, then the name of the part's type, then its members. */
function kindOfPart(part: Fields): MediaKind | undefined {
  const declared = PICTURE_KEYS.map((key) => part[key]).filter((member) => isFields(member))
  const mediaType = [part, ...declared].map((holder) => mediaTypeOf(holder)).find(Boolean)
  const kind = kindOfMediaType(mediaType)
  if (kind !== undefined) return kind
  // A link is text, unless what it leads to is a picture.
  if (part['type'] === 'resource_link') return undefined
  const byType = kindOfType(part['type'])
  if (byType !== undefined) return byType
  return PICTURE_KEYS.some((key) => isGiven(part[key]) && isNamedForPictures(key))
    ? 'image'
    : undefined
}

/** Members that mean a picture without any type beside them; `data` or `url` alone mean nothing. */
function isNamedForPictures(key: string): boolean {
  return /image|inline|file_data|fileData|binary|^file$/.test(key)
}

/** Documents and files are passed on as pictures: the decoder names what they are, or reads them. */
function readMedia(part: Fields, kind: MediaKind, field: string, depth: number): Part[] {
  if (kind === 'audio' || kind === 'video') return [unreadable(kind, field)]
  const text = textOfDocument(part)
  if (text !== undefined) return [{ kind: 'text', text }]
  const picture = findPicture(part, field)
  if (picture !== undefined) return [picture]
  const nested = CONTENT_KEYS.flatMap((key) => readContent(part[key], `${field}.${key}`, depth + 1))
  if (nested.length > 0) return nested
  return [findStoredFile(part, field) ?? withoutData(kind, field)]
}

/** Anthropic's documents and MCP's resources may be plain text. */
function textOfDocument(part: Fields): string | undefined {
  const { source, resource } = part
  if (isFields(source) && source['type'] === 'text' && typeof source['data'] === 'string') {
    return source['data']
  }
  return isFields(resource) && typeof resource['text'] === 'string' ? resource['text'] : undefined
}

/** The first member that is a picture's data or address. */
function findPicture(value: unknown, field: string, depth = 0): Part | undefined {
  if (typeof value === 'string') return { kind: 'image', source: value, field }
  if (!isFields(value) || depth > MAX_PART_DEPTH) return undefined
  for (const key of PICTURE_KEYS) {
    const found = isGiven(value[key])
      ? findPicture(value[key], `${field}.${key}`, depth + 1)
      : undefined
    if (found !== undefined) return found
  }
  return undefined
}

function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined
}

function omit(fields: Fields, keys: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)))
}

function unreadable(kind: MediaKind, field: string): Part {
  return {
    kind: 'unreadable',
    error: new FlocapError(
      'invalid_request',
      `Expected pictures and text, got ${NAMES[kind]} in '${field}'.`,
      {
        hint:
          kind === 'image' || kind === 'file'
            ? 'Put the picture into an image_url part as a data URL.'
            : 'FloCap describes pictures only: leave this part out.',
        subject: field,
      },
    ),
  }
}

const NAMES = {
  image: 'a picture in a form that is not known',
  audio: 'audio',
  video: 'a video',
  document: 'a document',
  file: 'a file',
} as const satisfies Record<MediaKind, string>

/** A picture that was uploaded before, by its id: in OpenAI's two places and in Anthropic's. */
function findStoredFile(part: Fields, field: string): Part | undefined {
  for (const [holder, at] of [
    [part, field],
    [part['file'], `${field}.file`],
    [part['source'], `${field}.source`],
  ] as const) {
    const id = isFields(holder) ? holder['file_id'] : undefined
    if (typeof id === 'string') {
      return { kind: 'image', source: toStoredFile(id), field: `${at}.file_id` }
    }
  }
  return undefined
}

/** A part that should hold a picture and holds none. */
function withoutData(kind: MediaKind, field: string): Part {
  const subject = `${field}.image_url`
  return {
    kind: 'unreadable',
    error: new FlocapError('invalid_request', `Expected a picture in '${subject}', got none.`, {
      hint: `Put the ${kind === 'image' ? 'picture' : 'file'} itself there as a data URL.`,
      subject,
    }),
  }
}
