// The three ways to hand in a picture: JSON, a form as browsers send it, or the bytes of the file
// alone. Whatever is not a picture may also stand in the query of the address.
import { FlocapError } from '../../../base/errors.ts'
import { parseFields, parseJson } from '../../body/json.ts'
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

/** How pictures are read that a field names. */
interface NamedImages {
  readonly readImage: ReadImage
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
  const bytes = await context.get('readBody')()
  const named: NamedImages = { readImage: context.get('readImage'), maxImages }
  const type = context.req.header('content-type') ?? ''
  if (type.startsWith('multipart/form-data')) return readForm(bytes, type, query, named)
  if (isJson(bytes, type)) return readJson(bytes, query, named)
  const fields = parseFields(NativeRequest, query)
  return { pictures: bytes.byteLength === 0 ? [] : [{ bytes }], fields }
}

/** Space, tab, line feed, carriage return. Not zeros: icons and other pictures begin with them. */
const JSON_SPACE = [0x20, 0x09, 0x0a, 0x0d]

/** curl calls everything a form, so the first byte decides: no picture file begins with a brace. */
function isJson(bytes: Uint8Array, type: string): boolean {
  if (type.startsWith('application/json')) return true
  const first = bytes.find((byte) => !JSON_SPACE.includes(byte))
  return first === 0x7b || first === 0x5b
}

async function readJson(
  bytes: Uint8Array,
  query: Fields,
  named: NamedImages,
): Promise<NativeInput> {
  const body = parseJson(bytes)
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
  const form = await parseForm(bytes, type)
  const files: NamedPicture[] = []
  const texts = new URLSearchParams()
  for (const [name, value] of form) {
    if (typeof value === 'string') texts.append(name, value)
    else files.push(await toPicture(value))
  }
  const fields = parseFields(NativeRequest, { ...query, ...readTexts(texts) })
  return { pictures: [...files, ...(await picturesOf(fields, named))], fields }
}

async function parseForm(bytes: Uint8Array, type: string): Promise<FormData> {
  try {
    return await new Response(Uint8Array.from(bytes), {
      headers: { 'content-type': type },
    }).formData()
  } catch (cause) {
    throw new FlocapError('invalid_request', 'The form of the request cannot be read.', {
      hint: 'Send it as multipart/form-data with a file for each picture.',
      cause,
    })
  }
}

async function toPicture(file: File): Promise<NamedPicture> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  return file.name === '' ? { bytes } : { bytes, name: file.name }
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
  const fields: Fields = {}
  for (const name of new Set(params.keys())) {
    const texts = params.getAll(name)
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

function toBoolean(text: string): unknown {
  if (text === 'true' || text === '1') return true
  return text === 'false' || text === '0' ? false : text
}
