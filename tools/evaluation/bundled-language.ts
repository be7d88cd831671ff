// Reads the sentences that the bundled model was taught (tools/python/bundled/answers.py).

export interface Said {
  /** How many of each name. */
  readonly things: ReadonlyMap<string, number>
  /** Colours from top to bottom; empty when none was named. */
  readonly background: readonly string[]
}

const RELATIONS = ['left', 'right', 'above', 'below'] as const
export type Relation = (typeof RELATIONS)[number]

export interface SaidRelation {
  readonly thing: string
  readonly relation: Relation
  /** The thing it is left of, and so on; undefined when the sentence says `it`. */
  readonly other: string | undefined
}

const COUNTS: Readonly<Record<string, number>> = { a: 1, an: 1, two: 2, three: 3 }

const IRREGULAR: Readonly<Record<string, string>> = {
  fish: 'fish',
  mouse: 'mice',
  scissors: 'scissors',
  glasses: 'glasses',
}

export function plural(name: string): string {
  const irregular = IRREGULAR[name]
  if (irregular !== undefined) return irregular
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`
  return name + (/(?:s|x|ch|sh)$/.test(name) ? 'es' : 's')
}

/** What follows a thing in a detailed caption. */
const PLACE =
  /^ (in the (?:top left|upper right|middle|lower left|bottom right)|at the (?:top|bottom)|on the (?:left|right))\b/

/** A reader for a model that knows these names. */
export class BundledLanguage {
  readonly #names: ReadonlyMap<string, string>
  readonly #thing: RegExp

  constructor(names: readonly string[]) {
    this.#names = new Map(
      names.flatMap(
        (name) =>
          [
            [plural(name), name],
            [name, name],
          ] as const,
      ),
    )
    const forms = [...this.#names.keys()].toSorted((a, b) => b.length - a.length).join('|')
    this.#thing = new RegExp(`(?:\\b(a|an|two|three) )?\\b(${forms})\\b`, 'gi')
  }

  /** Of a plain caption. A word in quotes is no thing. */
  readCaption(caption: string): Said {
    const [subjects = '', ground = ''] = caption.replaceAll(/"[^"]*"/g, '').split(' on ')
    const things = new Map<string, number>()
    for (const [, count = 'a', form = ''] of subjects.matchAll(this.#thing)) {
      const name = this.#names.get(form.toLowerCase()) ?? form
      things.set(name, (things.get(name) ?? 0) + (COUNTS[count.toLowerCase()] ?? 1))
    }
    const colours = /(?:an? |empty )((?:\w+ and )?\w+) background/i.exec(ground || caption)
    return { things, background: colours?.[1]?.split(' and ') ?? [] }
  }

  /** Where a detailed caption places each thing that it names once: `on the left`. */
  readPlaces(caption: string): ReadonlyMap<string, string> {
    const places = new Map<string, string>()
    for (const match of caption.matchAll(this.#thing)) {
      const rest = caption.slice(match.index + match[0].length)
      const place = PLACE.exec(rest)
      if (place?.[1] !== undefined) places.set((match[2] ?? '').toLowerCase(), place[1])
    }
    return places
  }

  /** The relations in a more detailed caption, in order. */
  readRelations(caption: string): readonly SaidRelation[] {
    const found: SaidRelation[] = []
    for (const sentence of caption.split('. ')) {
      const second = /^(.+) can be seen (left|right|above|below)(?: of)? the (\w+)/i.exec(sentence)
      const third = /^(?:To its )?(left|right|above|below)(?: it)? there is (.+)/i.exec(sentence)
      const phrase = second?.[1] ?? third?.[2]
      const word = (second?.[2] ?? third?.[1])?.toLowerCase()
      const relation = RELATIONS.find((known) => known === word)
      const [, , name] = phrase === undefined ? [] : ([...phrase.matchAll(this.#thing)][0] ?? [])
      if (relation !== undefined && name !== undefined) {
        found.push({ thing: name.toLowerCase(), relation, other: second?.[3]?.toLowerCase() })
      }
    }
    return found
  }
}
