// Checks that operators share. They throw where the mistake was made, while the graph is built.
import type { Dtype } from '../dtype.ts'
import { formatShape, type Value } from '../value.ts'

/** @throws TypeError when the condition does not hold. */
export function expect(condition: boolean, op: string, problem: string): asserts condition {
  if (!condition) throw new TypeError(`${op}: ${problem}`)
}

export function expectDtype(op: string, value: Value, ...allowed: readonly Dtype[]): void {
  expect(allowed.includes(value.dtype), op, `${describe(value)} must be ${allowed.join(' or ')}`)
}

export function expectRank(op: string, value: Value, rank: number): void {
  expect(value.shape.length === rank, op, `${describe(value)} must have ${rank} axes`)
}

export function describe(value: Value): string {
  return `${value.name} ${value.dtype}${formatShape(value.shape)}`
}

/** Which axis a possibly negative number means. */
export function axisOf(op: string, value: Value, axis: number): number {
  const index = axis < 0 ? axis + value.shape.length : axis
  expect(
    Number.isInteger(index) && index >= 0 && index < value.shape.length,
    op,
    `${describe(value)} has no axis ${axis}`,
  )
  return index
}
