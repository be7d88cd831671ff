// A value on its way into the answer, and what is known of it.
import type { Json } from '../schema/json-schema.ts'

export interface Filled {
  readonly value: Json
  /** Something in it comes from the picture; otherwise it is the emptiest value that is valid. */
  readonly known: boolean
  /** Properties in it that nothing is known of. */
  readonly unanswered: readonly string[]
}

/** No value fits: what is asked and what was found exclude each other. */
export interface Unfit {
  readonly kind: 'unfit'
  readonly path: string
  readonly why: string
}

export type Outcome = Filled | Unfit

export function isUnfit(outcome: Outcome): outcome is Unfit {
  return 'kind' in outcome
}

export function known(value: Json): Filled {
  return { value, known: true, unanswered: [] }
}

export function unanswered(value: Json, path: string): Filled {
  return { value, known: false, unanswered: [path === '' ? '(root)' : path] }
}

export function unfit(path: string, why: string): Unfit {
  return { kind: 'unfit', path, why }
}
