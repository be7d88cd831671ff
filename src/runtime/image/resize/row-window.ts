// A window on the rows of a picture that slides downwards: the vector kernel sees a few dozen rows
// at a time, in memory that fits the CPU's cache, whatever the picture's height.
import { ROWS_PER_STEP } from './kernel.ts'

/** Rows added at a time: 4000 pixels wide they are 192 kB. A multiple of ROWS_PER_STEP. */
export const BAND_ROWS = 4 * ROWS_PER_STEP

/** Rows that a window must have room for when at most `span` are asked for at once. */
export function windowRows(span: number): number {
  return 2 * span + 2 * BAND_ROWS
}

export interface RowWindow {
  /**
   * Makes the rows `first` to `end` (exclusive) present and returns the address of the first. `first`
   * may only grow from call to call, and to rows at most that directly follow those held before.
   */
  hold(first: number, end: number): number
}

/**
 * @param at, stride address of the window and bytes from row to row
 * @param capacity rows, as `windowRows` says
 * @param height rows of the picture
 * @param add writes `count` rows of the picture, from `row` on, to the address `target`
 */
export function createRowWindow(
  memory: Uint8Array,
  { at, stride, capacity }: { at: number; stride: number; capacity: number },
  height: number,
  add: (row: number, count: number, target: number) => void,
): RowWindow {
  let windowFirst = 0
  let windowEnd = 0
  const address = (row: number): number => at + (row - windowFirst) * stride
  const hold = (first: number, end: number): number => {
    for (let row = windowEnd; row < end; row = windowEnd) {
      if (row + BAND_ROWS - windowFirst > capacity) {
        memory.copyWithin(at, address(first), address(row))
        windowFirst = first
      }
      const count = Math.min(BAND_ROWS, height - row)
      add(row, count, address(row))
      windowEnd = row + count
    }
    return address(first)
  }
  return { hold }
}
