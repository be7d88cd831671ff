// The items of an answer: labels and the runs of locations that belong to them.
import { cleanText } from '../clean-text.ts'
import type { AnswerToken } from './tokens.ts'

export interface Location {
  readonly bin: number
  /** Where in the answer it begins. */
  readonly place: number
}

export interface AnswerItem {
  /** One line, trimmed; empty when the locations had no text before them. */
  readonly label: string
  /** Where in the answer the pieces of the label begin. */
  readonly labelPlaces: readonly number[]
  /** Locations between separators; an outline is never empty. */
  readonly outlines: readonly (readonly Location[])[]
  /** Whether the locations stood between `<poly>` and `</poly>`. */
  readonly marked: boolean
}

/**
 * Reads items. Text begins a new item, `<poly>` and `</poly>` a new instance with the same label.
 * A `<poly>` that is never closed (the answer was cut) is closed by the next text or by the end.
 */
export function readItems(tokens: readonly AnswerToken[]): readonly AnswerItem[] {
  const items: AnswerItem[] = []
  let text: { text: string; place: number }[] = []
  let label = ''
  let labelPlaces: readonly number[] = []
  let marked = false
  let outlines: Location[][] = [[]]

  function finishInstance(): void {
    const filled = outlines.filter((locations) => locations.length > 0)
    if (filled.length > 0) items.push({ label, labelPlaces, outlines: filled, marked })
    outlines = [[]]
  }

  for (const token of tokens) {
    switch (token.kind) {
      case 'text':
        // White space between locations, as the 4k checkpoint writes it, is not a label.
        if (token.text.trim() === '') break
        finishInstance()
        marked = false
        text.push(token)
        break
      case 'location':
        if (text.length > 0) {
          label = cleanText(text.map((piece) => piece.text).join(''), 'paragraph')
          labelPlaces = text.map(({ place }) => place)
          text = []
        }
        outlines.at(-1)?.push(token)
        break
      case 'separator':
        outlines.push([])
        break
      case 'polygon_start':
        finishInstance()
        marked = true
        break
      case 'polygon_end':
        finishInstance()
        marked = false
        break
    }
  }
  finishInstance()
  return items
}
