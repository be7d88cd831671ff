// What became of each picture.
import type { FlocapError } from '../../base/errors.ts'
import type { Captioned } from '../formats/format.ts'
import type { PictureFile } from '../inputs/picture-file.ts'
import type { Skip } from './plan.ts'

export type Outcome =
  | {
      readonly kind: 'captioned'
      readonly picture: PictureFile
      readonly captioned: Captioned
      /** The journal had the answers: nothing ran. */
      readonly isKnown: boolean
      /** Files of somebody else that were left as they are. */
      readonly kept: readonly Skip[]
    }
  /** The model said nothing, or found nothing that is sure enough: no text was written. */
  | { readonly kind: 'empty'; readonly picture: PictureFile; readonly captioned?: Captioned }
  | {
      readonly kind: 'skipped'
      readonly picture: PictureFile
      readonly skip: Skip
      /** What the journal knows of it, as this run would write it; undefined for nothing. */
      readonly recall: () => Promise<Captioned | undefined>
    }
  | { readonly kind: 'failed'; readonly picture: PictureFile; readonly error: FlocapError }

/** Whether something was found, and all of it was below the least score. */
export function isUnsure({ captioned }: Extract<Outcome, { readonly kind: 'empty' }>): boolean {
  return captioned?.answers.some(({ belowMinScore }) => belowMinScore !== undefined) === true
}
