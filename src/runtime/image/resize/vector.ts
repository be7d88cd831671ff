// Bicubic resizing by the vector kernel, streaming rows through a window so that its memory stays
// around a megabyte.
import type { AxisWeights } from './coefficients.ts'
import {
  assembleResizeKernel,
  PAIR_BYTES,
  ROWS_PER_STEP,
  TAPS_PER_GROUP,
  VECTOR_BYTES,
} from './kernel.ts'
import type { Passes } from './passes.ts'
import { linePairsBytes, recordBytes, writeLinePairs, writeRecords } from './tables.ts'
import { BAND_ROWS, createRowWindow, windowRows } from './row-window.ts'
import type { RgbPixels } from '../picture.ts'
import { instantiateModule } from './wasm-assembler.ts'

const WASM_PAGE_BYTES = 65_536

type Kernel = NonNullable<ReturnType<typeof instantiateModule<'rows' | 'columns'>>> & {
  readonly guarded: Region | undefined
}

/** What the kernel's memory holds during one resize. */
export const REGIONS = ['records', 'pairs', 'band', 'window', 'lines', 'output'] as const

export type Region = (typeof REGIONS)[number]

/**
 * A resizer on the vector kernel, or undefined where WebAssembly or its SIMD is missing.
 *
 * @param guarded for tests: this region ends where the memory ends, so that the kernel traps when it
 *   goes one byte past it. Elsewhere such a read finds another region, or what an earlier resize left.
 */
export function createVectorResizer(
  guarded?: Region,
): ((picture: RgbPixels, passes: Passes) => Uint8Array) | undefined {
  const instance = instantiateModule<'rows' | 'columns'>(assembleResizeKernel())
  if (!instance) return undefined
  const kernel = { ...instance, guarded }
  return (picture, { columns, lines, columnsFirst }) =>
    columnsFirst && columns && lines
      ? resizeColumnsFirst(kernel, picture, columns, lines)
      : resizeRowsFirst(kernel, picture, columns, lines)
}

/** Each band of rows is resized along the rows on its way into the window. */
function resizeRowsFirst(
  kernel: Kernel,
  { width, height, data }: RgbPixels,
  columns: AxisWeights | undefined,
  lines: AxisWeights | undefined,
): Uint8Array {
  const outputWidth = columns?.first.length ?? width
  const outputHeight = lines?.first.length ?? height
  const outputBytes = outputWidth * 3
  const stride = strideFor(outputWidth)
  const capacity = windowRows(lines?.taps ?? 1)

  const { memory, at } = layOut(kernel, {
    records: columns ? outputWidth * recordBytes(columns) : 0,
    pairs: lines ? outputHeight * linePairsBytes(lines) : 0,
    band: columns ? BAND_ROWS * width * 3 + overread(columns) : 0,
    window: (capacity + 1) * stride,
    lines: lines ? stride : 0,
    output: 0,
  })
  if (columns) writeRecords(memory, at.records, columns)
  if (lines) writeLinePairs(memory, at.pairs, lines)

  const window = createRowWindow(
    memory,
    { at: at.window, stride, capacity },
    height,
    (row, count, target) => {
      if (columns) {
        memory.set(data.subarray(row * width * 3, (row + count) * width * 3), at.band)
        runRows(kernel, columns, at.records, at.band, width * 3, target, stride, count)
      } else {
        copyRows(data, width * 3, row, count, memory, target, stride)
      }
    },
  )
  const result = new Uint8Array(outputHeight * outputBytes)
  for (let y = 0; y < outputHeight; y += 1) {
    const first = lines?.first[y] ?? y
    let line = window.hold(first, first + (lines?.count[y] ?? 1))
    if (lines) {
      runColumns(kernel, lines, at.pairs, y, line, stride, at.lines, outputBytes)
      line = at.lines
    }
    result.set(memory.subarray(line, line + outputBytes), y * outputBytes)
  }
  return result
}

/** The window holds rows as they are; a few output lines at a time are then resized along the rows. */
function resizeColumnsFirst(
  kernel: Kernel,
  { width, height, data }: RgbPixels,
  columns: AxisWeights,
  lines: AxisWeights,
): Uint8Array {
  const outputWidth = columns.first.length
  const outputHeight = lines.first.length
  const outputBytes = outputWidth * 3
  const stride = strideFor(width)
  const outputStride = strideFor(outputWidth)
  const capacity = windowRows(lines.taps)

  const { memory, at } = layOut(kernel, {
    records: outputWidth * recordBytes(columns),
    pairs: outputHeight * linePairsBytes(lines),
    band: 0,
    window: (capacity + 1) * stride,
    lines: ROWS_PER_STEP * stride + overread(columns),
    output: ROWS_PER_STEP * outputStride,
  })
  writeRecords(memory, at.records, columns)
  writeLinePairs(memory, at.pairs, lines)

  const window = createRowWindow(
    memory,
    { at: at.window, stride, capacity },
    height,
    (row, count, target) => {
      copyRows(data, width * 3, row, count, memory, target, stride)
    },
  )
  const result = new Uint8Array(outputHeight * outputBytes)
  for (let y = 0; y < outputHeight; y += ROWS_PER_STEP) {
    const count = Math.min(ROWS_PER_STEP, outputHeight - y)
    for (let i = 0; i < count; i += 1) {
      const first = lines.first[y + i] ?? 0
      const from = window.hold(first, first + (lines.count[y + i] ?? 0))
      runColumns(kernel, lines, at.pairs, y + i, from, stride, at.lines + i * stride, width * 3)
    }
    runRows(kernel, columns, at.records, at.lines, stride, at.output, outputStride, count)
    for (let i = 0; i < count; i += 1) {
      const from = at.output + i * outputStride
      result.set(memory.subarray(from, from + outputBytes), (y + i) * outputBytes)
    }
  }
  return result
}

function runRows(
  kernel: Kernel,
  columns: AxisWeights,
  recordsAt: number,
  source: number,
  sourceStride: number,
  target: number,
  targetStride: number,
  count: number,
): void {
  const size = recordBytes(columns)
  const recordsEnd = recordsAt + columns.first.length * size
  const steps = Math.ceil(count / ROWS_PER_STEP)
  kernel.rows(source, sourceStride, target, targetStride, recordsAt, recordsEnd, size, steps)
}

function runColumns(
  kernel: Kernel,
  lines: AxisWeights,
  pairsAt: number,
  line: number,
  source: number,
  stride: number,
  target: number,
  bytes: number,
): void {
  const pairs = pairsAt + line * linePairsBytes(lines)
  // Only the rows that count, not those that the line with the most of them has: the window holds no
  // others. Taken by twos they may be one more, for which it has room.
  const pairsEnd = pairs + Math.ceil((lines.count[line] ?? 0) / 2) * PAIR_BYTES
  kernel.columns(source, stride, target, target + bytes, pairs, pairsEnd)
}

function copyRows(
  source: Uint8Array,
  rowBytes: number,
  row: number,
  count: number,
  memory: Uint8Array,
  target: number,
  stride: number,
): void {
  for (let i = 0; i < count; i += 1) {
    const from = (row + i) * rowBytes
    memory.set(source.subarray(from, from + rowBytes), target + i * stride)
  }
}

/** Whole vectors, with a byte to spare: the row loop stores its last pixel as four bytes. */
function strideFor(width: number): number {
  return roundUp(width * 3 + 1, VECTOR_BYTES)
}

/** Bytes past its last row that the row loop reads, though it gives them no weight. */
function overread({ taps }: AxisWeights): number {
  return roundUp(taps, TAPS_PER_GROUP) * 3 + VECTOR_BYTES
}

/** Gives every region its place, one behind the other, in a memory that is grown to hold them. */
function layOut(
  { memory, guarded }: Kernel,
  bytes: Readonly<Record<Region, number>>,
): { memory: Uint8Array; at: Readonly<Record<Region, number>> } {
  const at: Record<Region, number> = {
    records: 0,
    pairs: 0,
    band: 0,
    window: 0,
    lines: 0,
    output: 0,
  }
  const order = [...REGIONS.filter((region) => region !== guarded), ...(guarded ? [guarded] : [])]
  let end = 0
  for (const region of order) {
    at[region] = roundUp(end, VECTOR_BYTES)
    end = at[region] + bytes[region]
  }
  const missing = Math.ceil((end - memory.buffer.byteLength) / WASM_PAGE_BYTES)
  if (missing > 0) memory.grow(missing)
  const view = new Uint8Array(memory.buffer)
  if (guarded !== undefined) for (const region of REGIONS) at[region] += view.length - end
  return { memory: view, at }
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple
}
