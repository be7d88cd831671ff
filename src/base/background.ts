// What shows through a picture where it is transparent.
//
// A model sees no alpha. Microsoft's processor drops it (PIL's `convert("RGB")`), which shows the
// colour that happens to be stored under the transparent pixels, mostly black; people see logos,
// stickers and screenshots on white.

/** `reference` is what Microsoft's processor does. */
export const NAMED_BACKGROUNDS = ['white', 'black', 'checker', 'reference'] as const

/** A name, or a colour as `#rrggbb`. */
export type Background = (typeof NAMED_BACKGROUNDS)[number] | `#${string}`

export const DEFAULT_BACKGROUND: Background = 'white'

/**
 * @param text a name in any case, `#rgb` or `#rrggbb`
 * @throws RangeError that says what is expected
 */
export function parseBackground(text: string): Background {
  const word = text.trim().toLowerCase()
  const named = NAMED_BACKGROUNDS.find((name) => name === word)
  if (named !== undefined) return named
  if (/^#[0-9a-f]{6}$/.test(word)) return `#${word.slice(1)}`
  if (/^#[0-9a-f]{3}$/.test(word)) return `#${word.slice(1).replaceAll(/./g, '$&$&')}`
  throw new RangeError(`${NAMED_BACKGROUNDS.join(', ')} or a colour such as #ff8800`)
}
