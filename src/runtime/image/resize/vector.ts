// Bicubic resizing by the vector kernel, streaming rows through a window so that its memory stays
// around a megabyte.
import type { AxisWeights } from './coefficients.ts'
import { assembleResizeKernel, ROWS_PER_STEP, TAPS_PER_GROUP, VECTOR_BYTES } from './kernel.ts'
import type { Passes } from './plain.ts'
import { linePairsBytes, recordBytes, writeLinePairs, writeRecords } from './tables.ts'
import { BAND_ROWS, createRowWindow, windowRows } from './row-window.ts'
import type { RgbPixels } from '../picture.ts'
import { instantiateModule } from './wasm-assembler.ts'
import type { WasmMemory } from './wasm-assembler.ts'

const WASM_PAGE_BYTES = 65_536

type Kernel = NonNullable<ReturnType<typeof instantiateModule<'rows' | 'columns'>>>

/** A resizer on the vector kernel, or undefined where WebAssembly or its SIMD is missing. */
export function createVectorResizer():
  | ((picture: RgbPixels, passes: Passes) => Uint8Array)
  | undefined {
  const kernel = instantiateModule<'rows' | 'columns'>(assembleResizeKernel())
  if (!kernel) return undefined
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

  const place = createAllocator()
  const recordsAt = place(columns ? outputWidth * recordBytes(columns) : 0)
  const pairsAt = place(lines ? outputHeight * linePairsBytes(lines) : 0)
  const bandAt = place(columns ? BAND_ROWS * width * 3 + overread(columns) : 0)
  const windowAt = place((capacity + 1) * stride)
  const lineAt = place(stride)
  const memory = reserve(kernel.memory, place(0))
  if (columns) writeRecords(memory, recordsAt, columns)
  if (lines) writeLinePairs(memory, pairsAt, lines)

  const window = createRowWindow(
    memory,
    { at: windowAt, stride, capacity },
    height,
    (row, count, target) => {
      if (columns) {
        memory.set(data.subarray(row * width * 3, (row + count) * width * 3), bandAt)
        runRows(kernel, columns, recordsAt, bandAt, width * 3, target, stride, count)
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
      runColumns(kernel, lines, pairsAt, y, line, stride, lineAt, outputBytes)
      line = lineAt
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

  const place = createAllocator()
  const recordsAt = place(outputWidth * recordBytes(columns))
  const pairsAt = place(outputHeight * linePairsBytes(lines))
  const windowAt = place((capacity + 1) * stride)
  const linesAt = place(ROWS_PER_STEP * stride + overread(columns))
  const outputAt = place(ROWS_PER_STEP * outputStride)
  const memory = reserve(kernel.memory, place(0))
  writeRecords(memory, recordsAt, columns)
  writeLinePairs(memory, pairsAt, lines)

  const window = createRowWindow(
    memory,
    { at: windowAt, stride, capacity },
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
      runColumns(kernel, lines, pairsAt, y + i, from, stride, linesAt + i * stride, width * 3)
    }
    runRows(kernel, columns, recordsAt, linesAt, stride, outputAt, outputStride, count)
    for (let i = 0; i < count; i += 1) {
      const from = outputAt + i * outputStride
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
  const size = linePairsBytes(lines)
  const pairs = pairsAt + line * size
  kernel.columns(source, stride, target, target + bytes, pairs, pairs + size)
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

/** Hands out consecutive places, each on a vector boundary. */
function createAllocator(): (bytes: number) => number {
  let end = 0
  return (bytes) => {
    const at = end
    end = roundUp(end + bytes, VECTOR_BYTES)
    return at
  }
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple
}

/** A view of the memory, grown to at least `bytes`. */
function reserve(memory: WasmMemory, bytes: number): Uint8Array {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / WASM_PAGE_BYTES)
  if (missing > 0) memory.grow(missing)
  return new Uint8Array(memory.buffer)
}
