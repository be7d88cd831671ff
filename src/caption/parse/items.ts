// The items of an answer: labels and the runs of locations that belong to them.
import { cleanText } from '../clean-text.ts'
import type { AnswerToken } from './tokens.ts'

export interface AnswerItem {
  /** One line, trimmed; empty when the locations had no text before them. */
  readonly label: string
  /** Bins between separators; an outline is never empty. */
  readonly outlines: readonly (readonly number[])[]
  /** Whether the locations stood between `<poly>` and `</poly>`. */
  readonly marked: boolean
}

/**
 * Reads items. Text begins a new item, `<poly>` and `</poly>` a new instance with the same label.
 * A `<poly>` that is never closed (the answer was cut) is closed by the next text or by the end.
 */
export function readItems(tokens: readonly AnswerToken[]): readonly AnswerItem[] {
  const items: AnswerItem[] = []
  let text: string[] = []
  let label = ''
  let marked = false
  let outlines: number[][] = [[]]

  function finishInstance(): void {
    const filled = outlines.filter((bins) => bins.length > 0)
    if (filled.length > 0) items.push({ label, outlines: filled, marked })
    outlines = [[]]
  }

  for (const token of tokens) {
    switch (token.kind) {
      case 'text':
        // White space between locations, as the 4k checkpoint writes it, is not a label.
        if (token.text.trim() === '') break
        finishInstance()
        marked = false
        text.push(token.text)
        break
      case 'location':
        if (text.length > 0) {
          label = cleanText(text.join(''), 'paragraph')
          text = []
        }
        outlines.at(-1)?.push(token.bin)
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
