// What kind of thing a part of a message is, told by its type, its media type or its data: so that
// nothing that was meant to be looked at is passed over.
import { splitPictures } from './picture-text.ts'

export type Fields = Readonly<Record<string, unknown>>

export type MediaKind = 'image' | 'audio' | 'video' | 'document' | 'file'

/** Members by which the dialects declare a media type. */
const MEDIA_TYPE_KEYS = [
  'mime_type',
  'mimeType',
  'media_type',
  'mediaType',
  'content_type',
  'contentType',
] as const

/** Names of part types, the first that matches counts: `input_image`, `video_url`, `image-data`. */
const KINDS_BY_TYPE: readonly (readonly [RegExp, MediaKind])[] = [
  [/audio|speech/, 'audio'],
  [/video/, 'video'],
  [/image|picture|photo|screenshot/, 'image'],
  [/document|pdf/, 'document'],
  [/file|media|binary|blob|attachment|resource/, 'file'],
]

/** The first bytes of files in base64, beside declared ones: PNG, JPEG, GIF, RIFF, PDF. */
const BASE64_BEGINNINGS = /^(?:iVBORw0KGgo|\/9j\/|R0lGOD|UklGR|JVBERi0)[A-Za-z0-9+/=_-]/

const DATA_URL = /^\s*data:([\w.+-]+)\/[\w.+-]+[;,]/i

/** Shorter texts that begin like a file are words. */
const MIN_BASE64 = 64

/** Parts are a few levels deep; arguments of tools may be anything. */
const MAX_DEPTH = 8

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The declared media type in lower case, without parameters. */
export function mediaTypeOf(part: Fields): string | undefined {
  for (const key of MEDIA_TYPE_KEYS) {
    const value = part[key]
    if (typeof value === 'string' && value.includes('/')) {
      return value.toLowerCase().split(';')[0]?.trim()
    }
  }
  return undefined
}

/** What a media type says; undefined for one that says nothing, as `application/octet-stream`. */
export function kindOfMediaType(type: string | undefined): MediaKind | undefined {
  const family = type?.split('/')[0]
  if (family === 'image' || family === 'audio' || family === 'video') return family
  return type === 'application/pdf' ? 'document' : undefined
}

/** What the name of a part's type says; undefined for `text`, `tool_use`, `thinking` and the like. */
export function kindOfType(type: unknown): MediaKind | undefined {
  if (typeof type !== 'string') return undefined
  const name = type.toLowerCase()
  return KINDS_BY_TYPE.find(([pattern]) => pattern.test(name))?.[1]
}

export interface FoundMedia {
  readonly field: string
  readonly kind: MediaKind
}

/** The first thing in any JSON that looks like media, wherever it stands. */
export function findMedia(value: unknown, field: string, depth = 0): FoundMedia | undefined {
  if (typeof value === 'string') {
    const kind = kindOfData(value)
    return kind === undefined ? undefined : { field, kind }
  }
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return undefined
  for (const [key, member] of Object.entries(value)) {
    const at = Array.isArray(value) ? `${field}[${key}]` : field === '' ? key : `${field}.${key}`
    const found = findMedia(member, at, depth + 1)
    if (found !== undefined) return found
  }
  if (!isFields(value)) return undefined
  const kind = kindOfMediaType(mediaTypeOf(value)) ?? kindOfType(value['type'])
  return kind === undefined ? undefined : { field, kind }
}

/** What a string is when it is a data URL or the base64 of a file; undefined for text. */
function kindOfData(text: string): MediaKind | undefined {
  // Both patterns decide within the first characters.
  const start = text.slice(0, 100)
  const family = DATA_URL.exec(start)?.[1]?.toLowerCase()
  if (family === 'image' || family === 'audio' || family === 'video') return family
  if (family !== undefined) return family === 'text' ? undefined : 'file'
  if (text.length >= MIN_BASE64 && BASE64_BEGINNINGS.test(start)) return 'file'
  return splitPictures(text, '').some(({ kind }) => kind === 'image') ? 'image' : undefined
}
