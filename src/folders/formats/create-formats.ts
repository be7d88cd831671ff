// The table of formats: what `--format` names, and what each needs of the questions.
import { FlocapError } from '../../base/errors.ts'
import { isDrawable, type Question } from '../ask/questions.ts'
import { createBboxFormat } from './bbox.ts'
import { COCO_FORMAT } from './coco.ts'
import { createCsvFormat } from './csv.ts'
import type { Format } from './format.ts'
import { createHuggingFaceFormat } from './hugging-face.ts'
import { createJsonFormat } from './json.ts'
import { JSONL_FORMAT } from './jsonl.ts'
import { createKohyaFormat } from './kohya.ts'
import type { Naming } from './names.ts'
import { createTextFormat } from './text.ts'
import { WEBDATASET_FORMAT } from './webdataset.ts'
import { createXmpFormat } from './xmp.ts'
import { createYoloFormat } from './yolo.ts'

export interface FormatOptions {
  readonly questions: readonly Question[]
  readonly naming: Naming
  /** `full`: `photo.jpg.xmp`; `stem`: `photo.xmp`. */
  readonly xmpNaming: Naming
  /** Text files get a line for each question, on purpose. */
  readonly lines: boolean
  readonly appends: boolean
  /** Captions are lists of tags. */
  readonly areTags: boolean
  /** Of the caption in `metadata.jsonl`. */
  readonly column: string
}

interface FormatKind {
  readonly create: (options: FormatOptions) => Format
  /** What it takes: one caption, places of things, or anything. */
  readonly takes: 'caption' | 'places' | 'anything'
  /** Its file beside each picture. */
  readonly ending?: string
}

const FORMATS = {
  txt: { create: (options) => textOf('txt', options), takes: 'caption', ending: '.txt' },
  caption: { create: (options) => textOf('caption', options), takes: 'caption' },
  json: { create: ({ naming }) => createJsonFormat(naming), takes: 'anything' },
  jsonl: { create: () => JSONL_FORMAT, takes: 'anything' },
  csv: {
    create: ({ questions }) => createCsvFormat(questions.map(({ name }) => name)),
    takes: 'anything',
  },
  hf: {
    create: ({ column, questions }) => createHuggingFaceFormat(column, questions.some(isDrawable)),
    takes: 'anything',
  },
  kohya: { create: ({ naming, areTags }) => createKohyaFormat(naming, areTags), takes: 'anything' },
  bbox: { create: ({ naming }) => createBboxFormat(naming), takes: 'places' },
  coco: { create: () => COCO_FORMAT, takes: 'places' },
  xmp: { create: ({ xmpNaming }) => createXmpFormat(xmpNaming), takes: 'anything' },
  webdataset: { create: () => WEBDATASET_FORMAT, takes: 'anything' },
  yolo: { create: ({ naming }) => createYoloFormat(naming), takes: 'places', ending: '.txt' },
} as const satisfies Record<string, FormatKind>

export type FormatId = keyof typeof FORMATS

export const FORMAT_IDS = Object.keys(FORMATS).filter(isFormatId)

function isFormatId(name: string): name is FormatId {
  return Object.hasOwn(FORMATS, name)
}

/** `txt,hf` as formats. @throws FlocapError `invalid_request` for a name that is none. */
export function parseFormats(text: string): readonly FormatId[] {
  const names = text.split(',').map((name) => name.trim().toLowerCase())
  return [...new Set(names)].map((name) => {
    if (isFormatId(name)) return name
    throw wrongFormat(
      `Expected a format, got ${JSON.stringify(name)}.`,
      `The formats are ${FORMAT_IDS.join(', ')}. Separate several with commas: "txt,json".`,
    )
  })
}

/** @throws FlocapError `invalid_request` when the questions have not what a format takes. */
export function createFormats(ids: readonly FormatId[], options: FormatOptions): readonly Format[] {
  const kinds = ids.map((id): FormatKind & { readonly id: FormatId } => ({ id, ...FORMATS[id] }))
  assertDistinct(kinds)
  for (const kind of kinds) assertTaken(kind, kinds, options)
  return kinds.map(({ create }) => create(options))
}

function textOf(ending: 'txt' | 'caption', { naming, appends, lines, areTags }: FormatOptions) {
  const joiner = lines ? '\n' : areTags ? ', ' : ' '
  return createTextFormat({ ending, naming, ...(appends ? { joiner } : {}) })
}

function assertDistinct(kinds: readonly { readonly id: FormatId; readonly ending?: string }[]) {
  const endings = kinds.filter(({ ending }) => ending !== undefined)
  const [first, second] = endings
  if (first === undefined || second === undefined || first.ending !== second.ending) return
  throw wrongFormat(
    `${first.id} and ${second.id} both write photo${first.ending}.`,
    'Write them in two runs, one of them with another --out.',
  )
}

type KindOf = FormatKind & { readonly id: FormatId }

function assertTaken(
  { id, takes }: KindOf,
  kinds: readonly KindOf[],
  { questions, lines }: FormatOptions,
): void {
  const drawable = questions.filter(isDrawable)
  if (takes === 'places' && drawable.length === 0) {
    throw wrongFormat(
      `${id} holds places of things, and no task of ${listOf(questions)} finds any.`,
      'Tasks such as od, detect or caption+grounding do.',
    )
  }
  if (takes !== 'caption' || lines) return
  // Places go to the format that is for them, if there is one.
  const isPlaced = kinds.some((kind) => kind.takes === 'places')
  const said = isPlaced ? questions.filter((question) => !isOnlyPlaces(question)) : questions
  if (said.length < 2) return
  throw wrongFormat(
    `A ${id} file is one caption, and ${listOf(said)} would be ${said.length}.`,
    'json keeps the answers apart; --lines writes one caption a line, which some trainers read.',
  )
}

function isOnlyPlaces(question: Question): boolean {
  return question.kind === 'task' && isDrawable(question)
}

function listOf(questions: readonly Question[]): string {
  return questions.map(({ name }) => name).join(', ')
}

function wrongFormat(message: string, hint: string): FlocapError {
  return new FlocapError('invalid_request', message, { subject: '--format', hint })
}
