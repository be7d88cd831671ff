// What an answer means, for programs: the shapes that the parsers produce.
//
// Coordinates are pixels of the upright picture, x to the right, y down.

export type TaskData =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'boxes'; readonly boxes: readonly LabelledBox[] }
  | { readonly kind: 'quads'; readonly quads: readonly LabelledQuad[] }
  | { readonly kind: 'polygons'; readonly polygons: readonly LabelledPolygon[] }
  | {
      readonly kind: 'boxes_or_polygons'
      readonly boxes: readonly LabelledBox[]
      readonly polygons: readonly LabelledPolygon[]
    }

export interface Scored {
  /**
   * How sure the model was of this finding: the geometric mean of the probabilities of the tokens of
   * its label and its locations, 0 to 1. Absent where a parser imitates a reference that has none.
   */
  readonly score?: number
}

export interface LabelledBox extends Scored {
  /** Empty for region proposals. */
  readonly label: string
  readonly box: readonly [x1: number, y1: number, x2: number, y2: number]
}

/** Four corners, x and y in turn, in the order the model gave them. */
export interface LabelledQuad extends Scored {
  readonly label: string
  readonly quad: readonly number[]
}

/** One instance may have several outlines; each is x and y in turn. */
export interface LabelledPolygon extends Scored {
  readonly label: string
  readonly outlines: readonly (readonly number[])[]
}
