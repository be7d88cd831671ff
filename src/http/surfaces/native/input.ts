// The three ways to hand in a picture: JSON, a form as browsers send it, or the bytes of the file
// alone. Whatever is not a picture may also stand in the query of the address.
import { FlocapError } from '../../../base/errors.ts'
import { prepareDigest } from '../../../caption/picture-digest.ts'
import { isForm, parseForm } from '../../body/form.ts'
import { parseFields, parseJson } from '../../body/json.ts'
import type { LongTexts } from '../../body/long-texts.ts'
import { assertImageCount } from '../../chat/frames.ts'
import type { ReadImage } from '../../body/read-image.ts'
import type { HttpContext } from '../../surface.ts'
import { NativeRequest } from './schema.ts'

export interface NamedPicture {
  readonly bytes: Uint8Array
  readonly name?: string
}

export interface NativeInput {
  readonly pictures: readonly NamedPicture[]
  readonly fields: NativeRequest
}

type Fields = Record<string, unknown>

/** Before the brace of a JSON text: more than any editor leaves. */
const MAX_LEADING_BLANKS = 1024

/** Prompts and lists; a picture as base64 may be longer. */
const MAX_FORM_TEXT_BYTES = 64 * 1024

/** Where the comma of a data URL has to stand. */
const DATA_URL_HEADER_BYTES = 2 * 1024

/** How pictures are read that a field names. */
interface NamedImages {
  readonly readImage: ReadImage
  readonly longTexts: LongTexts
  readonly maxImages: number
}

/** Fields that are not text, and so need reading where everything is text. */
const READERS: ReadonlyMap<string, (text: string) => unknown> = new Map([
  ['num_beams', toNumber],
  ['max_new_tokens', toNumber],
  ['length_penalty', toNumber],
  ['no_repeat_ngram_size', toNumber],
  ['num_return_sequences', toNumber],
  ['temperature', toNumber],
  ['top_p', toNumber],
  ['seed', toNumber],
  ['stream', toBoolean],
  ['apply_orientation', toBoolean],
  ['early_stopping', toBoolean],
  ['region', toNumbers],
  ['text_rules', toJson],
])

/** Fields that are lists even when they stand once. */
const LISTS: ReadonlySet<string> = new Set(['images', 'tasks', 'stop'])

/** Fields that become a list when they are repeated: several phrases, several regions. */
const REPEATED: ReadonlySet<string> = new Set(['input', 'region'])

/**
 * @param maxImages checked before any picture is fetched.
 * @throws FlocapError for a body that is none of the three, and for each wrong field.
 */
export async function readInput(context: HttpContext, maxImages: number): Promise<NativeInput> {
  const query = readTexts(new URL(context.req.url).searchParams)
  // Bulk that there is no room for need not be read where it is known by now.
  if (query.priority === 'bulk') context.set('priority', 'bulk')
  const named: NamedImages = {
    readImage: context.get('readImage'),
    longTexts: context.get('longTexts'),
    maxImages,
  }
  const type = context.req.header('content-type') ?? ''
  if (type.startsWith('application/json')) {
    return readJson(await context.get('readJson')(), query, named)
  }
  const bytes = await context.get('readBody')()
  if (isForm(type)) return readForm(bytes, type, query, named)
  if (isJson(bytes)) return readJson(await parseJson(bytes, named.longTexts), query, named)
  const fields = parseFields(NativeRequest, query)
  if (bytes.byteLength === 0) return { pictures: [], fields }
  await prepareDigest(bytes)
  return { pictures: [{ bytes }], fields }
}

/** Space, tab, line feed, carriage return. Not zeros: icons and other pictures begin with them. */
const JSON_SPACE = [0x20, 0x09, 0x0a, 0x0d]

/** curl calls everything a form, so the first byte decides: no picture file begins with a brace. */
function isJson(bytes: Uint8Array): boolean {
  const first = bytes.subarray(0, MAX_LEADING_BLANKS).find((byte) => !JSON_SPACE.includes(byte))
  return first === 0x7b || first === 0x5b
}

async function readJson(body: unknown, query: Fields, named: NamedImages): Promise<NativeInput> {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  const fields = parseFields(NativeRequest, isObject ? { ...query, ...body } : body)
  return { pictures: await picturesOf(fields, named), fields }
}

async function readForm(
  bytes: Uint8Array,
  type: string,
  query: Fields,
  named: NamedImages,
): Promise<NativeInput> {
  const files: NamedPicture[] = []
  const texts = new URLSearchParams()
  for (const { name, fileName, bytes: content } of await parseForm(bytes, type)) {
    if (fileName === undefined) texts.append(name, readText(name, content, named.longTexts))
    else files.push(fileName === '' ? { bytes: content } : { bytes: content, name: fileName })
  }
  for (const { bytes: picture } of files) await prepareDigest(picture)
  const fields = parseFields(NativeRequest, { ...query, ...readTexts(texts) })
  return { pictures: [...files, ...(await picturesOf(fields, named))], fields }
}

/** @throws FlocapError for a text that is too long, unless it is a picture as base64. */
function readText(name: string, content: Uint8Array, longTexts: LongTexts): string {
  if (content.byteLength <= MAX_FORM_TEXT_BYTES) return Buffer.from(content).toString('utf8')
  if (name !== 'image' && name !== 'images') {
    throw new FlocapError(
      'invalid_request',
      `Expected at most ${MAX_FORM_TEXT_BYTES} bytes for ${name.slice(0, 40)}, got ${content.byteLength}.`,
      { hint: 'Send pictures as files of the form.', subject: name.slice(0, 40) },
    )
  }
  // Its beginning stays: it tells a data URL.
  const beginning = Buffer.from(content.subarray(0, DATA_URL_HEADER_BYTES)).toString('latin1')
  return beginning + longTexts.keep(content.subarray(DATA_URL_HEADER_BYTES), false)
}

async function picturesOf(
  { image, images }: NativeRequest,
  { readImage, maxImages }: NamedImages,
): Promise<NamedPicture[]> {
  const one = image === undefined ? [] : [{ value: image, field: 'image' }]
  const several = (images ?? []).map((value, index) => ({ value, field: `images[${index}]` }))
  assertImageCount(one.length + several.length, maxImages)
  const pictures: NamedPicture[] = []
  for (const { value, field } of [...one, ...several]) {
    if (typeof value === 'string') {
      pictures.push({ bytes: await readImage(value, field) })
    } else {
      const bytes = await readImage(value.data, `${field}.data`)
      pictures.push(value.name === undefined ? { bytes } : { bytes, name: value.name })
    }
  }
  return pictures
}

/** A name that is repeated counts as a list, except where commas are read anyway. */
function readTexts(params: URLSearchParams): Fields {
  const lists = new Map<string, string[]>()
  for (const [name, text] of params) {
    const list = lists.get(name)
    if (list === undefined) lists.set(name, [text])
    else list.push(text)
  }
  const fields: Fields = {}
  for (const [name, texts] of lists) {
    const [first = ''] = texts
    if (name === 'task') fields[name] = texts.join(',')
    else if (LISTS.has(name)) fields[name] = texts
    else if (texts.length === 1) fields[name] = READERS.get(name)?.(first) ?? first
    else if (REPEATED.has(name))
      fields[name] = texts.map((text) => READERS.get(name)?.(text) ?? text)
    else throw repeated(name, texts.length)
  }
  return fields
}

function repeated(name: string, count: number): FlocapError {
  return new FlocapError('invalid_request', `Expected one value for ${name}, got ${count}.`, {
    subject: name,
  })
}

/** What is no number stays text, so that the schema can say so. */
function toNumber(text: string): unknown {
  const number = Number(text)
  return text.trim() === '' || Number.isNaN(number) ? text : number
}

function toNumbers(text: string): unknown {
  return text.split(',').map((number) => toNumber(number))
}

/** What is no JSON stays text, so that the schema can say so. */
function toJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function toBoolean(text: string): unknown {
  if (text === 'true' || text === '1') return true
  return text === 'false' || text === '0' ? false : text
}
