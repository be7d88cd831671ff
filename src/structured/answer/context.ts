// What a value may be made of: the pictures or the text, and inside of a list the one thing that an
// item is about.
import type { Evidence, Found } from './evidence.ts'
import type { TextSource } from './text-source.ts'

export interface Context {
  readonly pictures: readonly Evidence[]
  /** Where there is no picture: what the answer is about instead. */
  readonly text?: TextSource
  /** Of an item: the finding that it is about. */
  readonly found?: Found
  /** Of an item: the number or the text that it is. */
  readonly given?: number | string
  /** Which item of its list it is; emptiest values differ by it where a list wants them distinct. */
  readonly index?: number
}
