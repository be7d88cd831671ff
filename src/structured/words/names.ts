// The words of a name, as programs write names: `altText`, `alt_text`, `alt-text`, `HTMLTitle`.

const WORD = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\s\dA-Za-z_\-./:]+/gu

/** Longer names, and descriptions, are not read to their end. */
const MAX_LENGTH = 400

/** In lower case. */
export function wordsOf(name: string): readonly string[] {
  return (name.slice(0, MAX_LENGTH).match(WORD) ?? []).map((word) => word.toLowerCase())
}

/** Whether these words stand in `words` one behind the other. */
export function hasPhrase(words: readonly string[], phrase: readonly string[]): boolean {
  return words.some((_, start) => phrase.every((word, index) => words[start + index] === word))
}

const IRREGULAR: ReadonlyMap<string, string> = new Map([
  ['people', 'person'],
  ['men', 'man'],
  ['women', 'woman'],
  ['children', 'child'],
  ['mice', 'mouse'],
  ['geese', 'goose'],
  ['feet', 'foot'],
  ['knives', 'knife'],
  ['leaves', 'leaf'],
  ['wolves', 'wolf'],
  ['buses', 'bus'],
  ['glasses', 'glasses'],
  ['glass', 'glass'],
])

/** One of what a plural names. */
export function singular(word: string): string {
  const known = IRREGULAR.get(word)
  if (known !== undefined) return known
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`
  if (/(?:s|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2)
  if (word.length > 3 && word.endsWith('s') && !/(?:ss|us|is)$/.test(word)) return word.slice(0, -1)
  return word
}
