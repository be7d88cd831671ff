// What flows along the edges of a graph: a name, an element type and a shape.

import type { Dtype } from './dtype.ts'

/** A length known now, or the name of one that is known when the graph runs. */
export type Dim = number | string

export type Shape = readonly Dim[]

export interface Value {
  readonly name: string
  readonly dtype: Dtype
  readonly shape: Shape
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i])
}

/** The dimension at `axis`; negative axes count from the end. @throws RangeError */
export function dimAt(value: Value, axis: number): Dim {
  const dim = value.shape.at(axis)
  if (dim === undefined) {
    throw new RangeError(`${value.name} ${formatShape(value.shape)} has no axis ${axis}`)
  }
  return dim
}

/** The length at `axis`, which must be known now. @throws RangeError */
export function lengthAt(value: Value, axis: number): number {
  const dim = dimAt(value, axis)
  if (typeof dim === 'number') return dim
  throw new RangeError(`axis ${axis} of ${value.name} ${formatShape(value.shape)} is symbolic`)
}

/** The sum of two dimensions; a symbolic one gives a symbolic sum such as `past+1`. */
export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a + b
  return `${a}+${b}`
}
