// What a value is about: read from its name, the names around it, its title and its description.
import type { JsonType } from '../schema/json-schema.ts'
import { readBoxSide } from '../words/box-sides.ts'
import { hasPhrase, wordsOf } from '../words/names.ts'
import { isGroup, isKnownThing } from '../words/things.ts'
import { VOCABULARY, type Subject } from '../words/vocabulary.ts'

export interface Topic {
  readonly subject: Subject | 'presence' | 'side' | 'unknown'
  /** Of counts and presences: the words of the thing; of tags: the group that they belong to. */
  readonly thing: readonly string[]
  /** The name says that it asks what is there: `has_`, `number_of_`. Not finding it is an answer. */
  readonly explicit: boolean
  /** The name, the title and the description that said so, and those of what is around. */
  readonly said: readonly string[]
}

type Read = Omit<Topic, 'said'>

/** Where a value stands: about all pictures, or about one thing that was found on one. */
export type Scope = 'picture' | 'finding'

export interface Naming {
  /** The property's name; empty for a root and for items of a list. */
  readonly name: string
  /** Title and description. */
  readonly hints: readonly string[]
  /** What the value around it is about, where this one has no name that says anything. */
  readonly parent?: Topic
  readonly scope: Scope
}

const UNKNOWN: Read = { subject: 'unknown', thing: [], explicit: false }

const PHRASES: readonly { readonly subject: Subject; readonly phrase: readonly string[] }[] =
  VOCABULARY.flatMap(({ subject, names }) =>
    names.split(', ').map((name) => ({ subject, phrase: name.split(' ') })),
  )

const PRESENCE_MARKS = new Set(
  'has have contains contain includes include shows show with visible present presence detected found exists exist any there'.split(
    ' ',
  ),
)

/** Words of a name that name no thing. */
const FILLERS = new Set(
  'is are was were in on of the a an image picture photo frame scene total number num count how many n'.split(
    ' ',
  ),
)

/** Words with another meaning beside a finding than beside a picture. */
const OF_FINDING: Readonly<Record<string, Subject>> = {
  name: 'tags',
  title: 'tags',
  value: 'tags',
  description: 'caption',
  score: 'confidence',
  place: 'box',
  location: 'box',
  position: 'box',
}

export function readTopic(naming: Naming, type: JsonType): Topic {
  const said = [naming.name, ...naming.hints, ...(naming.parent?.said ?? [])]
  return { ...read(naming, type), said: said.filter((text) => text !== '') }
}

function read({ name, hints, parent, scope }: Naming, type: JsonType): Read {
  const side = scope === 'finding' && isNumeric(type) ? readBoxSide(name) : undefined
  if (side !== undefined) return { subject: 'side', thing: [side], explicit: false }
  const words = wordsOf(name)
  const own = topicOfWords(words, type, scope)
  if (own.subject !== 'unknown' && own.subject !== 'generic') return own
  const inherits = parent !== undefined && isUseful(parent)
  if (words.length === 0 && inherits) return parent
  for (const hint of hints) {
    const hinted = topicOfHint(wordsOf(hint), type, scope)
    if (hinted !== undefined) return hinted
  }
  return own.subject === 'generic' && inherits ? parent : own
}

function isNumeric(type: JsonType): boolean {
  return type === 'integer' || type === 'number'
}

function isUseful({ subject }: Read): boolean {
  return subject !== 'unknown' && subject !== 'generic' && subject !== 'pictures'
}

function topicOfWords(words: readonly string[], type: JsonType, scope: Scope): Read {
  if (words.length === 0) return UNKNOWN
  const [only] = words
  if (scope === 'finding' && words.length === 1 && only !== undefined) {
    const subject = Object.hasOwn(OF_FINDING, only) ? OF_FINDING[only] : undefined
    if (subject !== undefined) return { ...UNKNOWN, subject }
  }
  if (type === 'boolean') return presenceOf(words)
  const found = PHRASES.find(({ phrase }) => hasPhrase(words, phrase))?.subject
  if (found === 'confidence' && scope === 'picture' && words.includes('score')) return UNKNOWN
  if (
    isNumeric(type) &&
    (found === undefined || found === 'tags' || found === 'count' || found === 'text')
  ) {
    return countOf(words, found === 'count')
  }
  const group = words.find(isGroup)
  if (group !== undefined && (found === undefined || found === 'tags' || found === 'generic')) {
    return { subject: 'tags', thing: [group], explicit: false }
  }
  return found === undefined ? UNKNOWN : { ...UNKNOWN, subject: found }
}

/** Descriptions are sentences: only what is said of the whole value counts. */
function topicOfHint(words: readonly string[], type: JsonType, scope: Scope): Read | undefined {
  if (words.length === 0) return undefined
  if (type === 'boolean') {
    const thing = words.filter((word) => isKnownThing(word) || word === 'text')
    const marked = words.some((word) => PRESENCE_MARKS.has(word))
    return thing.length > 0 && marked
      ? { subject: 'presence', thing: thing.slice(0, 1), explicit: true }
      : undefined
  }
  if (isNumeric(type)) {
    if (!hasPhrase(words, ['number', 'of']) && !hasPhrase(words, ['how', 'many'])) return undefined
    const thing = words.find((word) => isKnownThing(word))
    return { subject: 'count', thing: thing === undefined ? [] : [thing], explicit: true }
  }
  const suited = SUITED[type] ?? []
  const phrase = PHRASES.filter(({ subject }) => suited.includes(subject))
    .map((each) => ({ ...each, at: words.findIndex((_, at) => startsAt(words, each.phrase, at)) }))
    .filter(({ at }) => at !== -1)
    .toSorted((a, b) => a.at - b.at)[0]
  if (phrase === undefined) return undefined
  const isShort = words.some((word) => ['short', 'brief', 'concise'].includes(word))
  if (scope === 'picture' && phrase.subject === 'caption' && isShort) {
    return { ...UNKNOWN, subject: 'title' }
  }
  return { ...UNKNOWN, subject: phrase.subject }
}

const SUITED: Partial<Record<JsonType, readonly Subject[]>> = {
  string: ['alt', 'title', 'caption', 'text', 'tags'],
  array: ['tags', 'text', 'box', 'caption'],
  object: ['tags', 'box'],
}

function startsAt(words: readonly string[], phrase: readonly string[], at: number): boolean {
  return phrase.every((word, index) => words[at + index] === word)
}

function presenceOf(words: readonly string[]): Read {
  const explicit = words.some((word) => PRESENCE_MARKS.has(word))
  const thing = words.filter((word) => !PRESENCE_MARKS.has(word) && !FILLERS.has(word))
  if (thing.length === 0 || isUnknowable(thing)) return UNKNOWN
  return { subject: 'presence', thing, explicit: explicit || thing.every(isKnownThing) }
}

function countOf(words: readonly string[], marked: boolean): Read {
  const thing = words.filter(
    (word) => !FILLERS.has(word) && word !== 'quantity' && word !== 'counts',
  )
  if (isUnknowable(thing)) return UNKNOWN
  if (!marked && thing.length === 0) return UNKNOWN
  const any = thing.every((word) =>
    /^(?:object|item|thing|detection|label|element|tag)s?$/.test(word),
  )
  if (any) return { subject: 'count', thing: [], explicit: true }
  return { subject: 'count', thing, explicit: marked || thing.every(isKnownThing) }
}

function isUnknowable(words: readonly string[]): boolean {
  return PHRASES.some(({ subject, phrase }) => subject === 'unknowable' && hasPhrase(words, phrase))
}
