// Words in labels and captions: what a phrase is about, and whether a thing occurs.
import { singular } from './names.ts'
import { membersOfGroup } from './things.ts'

const WORDS = /[\p{L}\p{N}][\p{L}\p{N}'-]*/gu

/** Where the noun of a phrase ends: `man in a red shirt`, `dog lying on a bed`. */
const AFTER_NOUN = new Set(
  (
    'in on with of at by from to for near behind under over above below beside between inside outside ' +
    'and or that which who while wearing holding sitting standing lying riding walking looking next'
  ).split(' '),
)

const NO_NOUN = new Set(
  'a an the this that these those his her its their some several two three'.split(' '),
)

/** `small trophy` -> `trophy`, `man in a red shirt` -> `man`; the phrase itself where none is found. */
export function headNoun(phrase: string): string {
  const words = phrase.match(WORDS) ?? []
  const end = words.findIndex((word, index) => index > 0 && AFTER_NOUN.has(word.toLowerCase()))
  const noun = (end === -1 ? words : words.slice(0, end)).at(-1)
  return noun === undefined || NO_NOUN.has(noun.toLowerCase()) ? phrase : noun
}

export interface TextWords {
  /** In lower case, as they stand and in the singular. */
  readonly all: ReadonlySet<string>
  readonly order: readonly string[]
}

/** Words behind `no` and `without` name what is not there. */
export function readWords(text: string): TextWords {
  const words = (text.match(WORDS) ?? []).map((word) => word.toLowerCase())
  const order = words.filter((_, index) => !['no', 'without'].includes(words[index - 1] ?? ''))
  return { all: new Set(order.flatMap((word) => [word, singular(word)])), order }
}

/** Whether a thing, or for the name of a group one of its members, is among the words. */
export function mentions({ all }: TextWords, thing: readonly string[]): boolean {
  const last = thing.at(-1)
  if (last === undefined) return false
  const others = thing.slice(0, -1)
  const named = [...membersOfGroup(last)].some((member) => all.has(member))
  return named && others.every((word) => all.has(word) || all.has(singular(word)))
}
