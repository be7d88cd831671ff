// Bicubic resizing by the vector kernel. Rows flow through it: a band of source rows is copied in,
// resized along the rows into a sliding window, and each output row is drawn as soon as the window
// holds what it needs. So the kernel's memory stays around a megabyte whatever the picture's size,
// and fits the CPU's cache.
import type { AxisWeights } from './resize-coefficients.ts'
import {
  assembleResizeKernel,
  GROUP_BYTES,
  PAIR_BYTES,
  RECORD_HEAD_BYTES,
  ROWS_PER_STEP,
  splitWeight,
  TAPS_PER_GROUP,
  VECTOR_BYTES,
} from './resize-kernel.ts'
import { instantiateModule } from './wasm-assembler.ts'
import type { WasmMemory } from './wasm-assembler.ts'

/** Source rows copied in at a time: 4000 pixels wide they are 192 kB. A multiple of ROWS_PER_STEP. */
const BAND_ROWS = 4 * ROWS_PER_STEP
const WASM_PAGE_BYTES = 65_536

type Kernel = NonNullable<ReturnType<typeof instantiateModule<'rows' | 'columns'>>>

export type VectorResizer = (
  source: Uint8Array,
  width: number,
  height: number,
  columns: AxisWeights | undefined,
  lines: AxisWeights | undefined,
) => Uint8Array

/**
 * A resizer on the vector kernel, or undefined where WebAssembly or its SIMD is missing.
 *
 * It takes [height, width, 3] bytes and the weights of each axis, none for an axis whose side stays.
 */
export function createVectorResizer(): VectorResizer | undefined {
  const kernel = instantiateModule<'rows' | 'columns'>(assembleResizeKernel())
  if (!kernel) return undefined
  return (...parameters) => resize(kernel, ...parameters)
}

function resize(
  kernel: Kernel,
  source: Uint8Array,
  width: number,
  height: number,
  columns: AxisWeights | undefined,
  lines: AxisWeights | undefined,
): Uint8Array {
  const outputWidth = columns?.first.length ?? width
  const outputHeight = lines?.first.length ?? height
  const sourceBytes = width * 3
  const outputBytes = outputWidth * 3
  const groups = Math.ceil((columns?.taps ?? 0) / TAPS_PER_GROUP)
  const recordBytes = RECORD_HEAD_BYTES + groups * GROUP_BYTES
  const pairBytes = Math.ceil((lines?.taps ?? 0) / 2) * PAIR_BYTES
  // One byte more than a row: the row loop stores its last pixel as four bytes.
  const stride = roundUp(outputBytes + 1, VECTOR_BYTES)
  const windowRows = 2 * (lines?.taps ?? 0) + 2 * BAND_ROWS

  const place = createAllocator()
  const recordsAt = place(columns ? outputWidth * recordBytes : 0)
  const pairsAt = place(lines ? outputHeight * pairBytes : 0)
  // Weights past an output's last are 0, but their pixels are read.
  const bandAt = place(BAND_ROWS * sourceBytes + groups * TAPS_PER_GROUP * 3 + VECTOR_BYTES)
  const windowAt = place((windowRows + 1) * stride)
  const outputAt = place(stride)
  reserve(kernel.memory, place(0))
  const memory = new Uint8Array(kernel.memory.buffer)
  if (columns) writeRecords(memory, recordsAt, columns, recordBytes)
  if (lines) writePairs(memory, pairsAt, lines, pairBytes)

  // The source rows that the window holds, resized along the rows.
  const window = { first: 0, end: 0 }
  const advance = (): void => {
    const count = Math.min(BAND_ROWS, height - window.end)
    const band = source.subarray(window.end * sourceBytes, (window.end + count) * sourceBytes)
    const target = windowAt + (window.end - window.first) * stride
    if (columns) {
      memory.set(band, bandAt)
      const recordsEnd = recordsAt + outputWidth * recordBytes
      const steps = Math.ceil(count / ROWS_PER_STEP)
      kernel.rows(bandAt, sourceBytes, target, stride, recordsAt, recordsEnd, recordBytes, steps)
    } else {
      for (let y = 0; y < count; y += 1) {
        memory.set(band.subarray(y * sourceBytes, (y + 1) * sourceBytes), target + y * stride)
      }
    }
    window.end += count
  }

  const result = new Uint8Array(outputHeight * outputBytes)
  for (let y = 0; y < outputHeight; y += 1) {
    const first = lines?.first[y] ?? y
    const end = first + (lines?.count[y] ?? 1)
    while (window.end < end) {
      if (window.end + BAND_ROWS - window.first > windowRows) {
        const from = windowAt + (first - window.first) * stride
        memory.copyWithin(windowAt, from, windowAt + (window.end - window.first) * stride)
        window.first = first
      }
      advance()
    }
    const from = windowAt + (first - window.first) * stride
    let row = from
    if (lines) {
      const pairs = pairsAt + y * pairBytes
      kernel.columns(from, stride, outputAt, outputAt + outputBytes, pairs, pairs + pairBytes)
      row = outputAt
    }
    result.set(memory.subarray(row, row + outputBytes), y * outputBytes)
  }
  return result
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

function reserve(memory: WasmMemory, bytes: number): void {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / WASM_PAGE_BYTES)
  if (missing > 0) memory.grow(missing)
}

function writeRecords(
  memory: Uint8Array,
  at: number,
  { first, weights, taps }: AxisWeights,
  recordBytes: number,
): void {
  const view = new DataView(memory.buffer, at)
  memory.fill(0, at, at + first.length * recordBytes)
  for (let o = 0; o < first.length; o += 1) {
    const record = o * recordBytes
    view.setInt32(record, (first[o] ?? 0) * 3, true)
    for (let k = 0; k < taps; k += 1) {
      const [high, low] = splitWeight(weights[o * taps + k] ?? 0)
      const group = record + RECORD_HEAD_BYTES + Math.floor(k / TAPS_PER_GROUP) * GROUP_BYTES
      const place = group + (k % TAPS_PER_GROUP) * 2
      view.setInt16(place, high, true)
      view.setInt16(place + TAPS_PER_GROUP * 2, low, true)
    }
  }
}

function writePairs(
  memory: Uint8Array,
  at: number,
  { first, weights, taps }: AxisWeights,
  pairBytes: number,
): void {
  const view = new DataView(memory.buffer, at)
  memory.fill(0, at, at + first.length * pairBytes)
  for (let o = 0; o < first.length; o += 1) {
    for (let k = 0; k < taps; k += 1) {
      const [high, low] = splitWeight(weights[o * taps + k] ?? 0)
      const place = o * pairBytes + Math.floor(k / 2) * PAIR_BYTES + (k % 2) * 2
      view.setInt16(place, high, true)
      view.setInt16(place + 4, low, true)
    }
  }
}
