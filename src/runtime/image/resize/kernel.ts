// The two inner loops of resizing, for the CPU's 128-bit vectors.
//
// The vector instruction that multiplies and adds fastest takes 16-bit numbers, and a weight has 23
// bits and a sign. So a weight is cut in two, w = high * 2**12 + low, each part is multiplied with
// the pixels and summed apart, and the sums are joined at the end. All of it is integer arithmetic
// without rounding or overflow, so the result is the plain loop's, bit for bit.
import { WEIGHT_BITS } from './coefficients.ts'
import {
  assembleModule,
  createLocals,
  i16x8,
  i32,
  i32x4,
  i8x16,
  local,
  repeatWhile,
  v128,
} from './wasm-assembler.ts'
import type { Code, WasmFunction } from './wasm-assembler.ts'

const LOW_BITS = 12
/** Pixels that one step of the row loop takes: four pixels are 12 of the 16 bytes of a vector. */
export const TAPS_PER_GROUP = 4
/** Rows that the row loop works on at once, so that each weight is loaded once for all of them. */
export const ROWS_PER_STEP = 4
/** Bytes that one step of the column loop takes. */
export const VECTOR_BYTES = 16
/** A record of the row loop: 16 bytes, of which four say where to start, then its groups. */
export const RECORD_HEAD_BYTES = 16
/** A group: four high parts, then four low parts. */
export const GROUP_BYTES = 16
/** A pair of the column loop: two high parts, then two low parts. */
export const PAIR_BYTES = 8

const NOTHING = 0x80
/** Two neighbouring RGB pixels as 16-bit lanes: red red green green blue blue, and two empty ones. */
const FIRST_TWO_PIXELS = [0, 3, 1, 4, 2, 5].flatMap((byte) => [byte, NOTHING])
const LAST_TWO_PIXELS = [6, 9, 7, 10, 8, 11].flatMap((byte) => [byte, NOTHING])
const EMPTY_LANES = [NOTHING, NOTHING, NOTHING, NOTHING]
const INTERLEAVE_LOW = Array.from({ length: 8 }, (_, i) => [i, i + 16]).flat()
const INTERLEAVE_HIGH = INTERLEAVE_LOW.map((lane) => lane + 8)

const zero = v128.const(Array.from({ length: VECTOR_BYTES }, () => 0))

/** High and low part of a weight; both fit in 16 bits with a sign. */
export function splitWeight(weight: number): readonly [high: number, low: number] {
  const low = (weight << (32 - LOW_BITS)) >> (32 - LOW_BITS)
  return [(weight - low) >> LOW_BITS, low]
}

function increase(index: number, by: Code): Code {
  return local.set(index, i32.add(local.get(index), by))
}

/** Joins high and low sums and rounds: four 32-bit lanes. */
function joined(high: number, low: number): Code {
  const sum = i32x4.add(i32x4.shiftLeft(local.get(high), i32.const(LOW_BITS)), local.get(low))
  const rounded = i32x4.add(sum, i32x4.splat(i32.const(1 << (WEIGHT_BITS - 1))))
  return i32x4.shiftRightSigned(rounded, i32.const(WEIGHT_BITS))
}

/** acc += dot(pixels, weights) */
function accumulate(sum: number, pixels: Code, weights: number): Code {
  return local.set(sum, i32x4.add(local.get(sum), i32x4.dot(pixels, local.get(weights))))
}

/**
 * rows(source, sourceStride, target, targetStride, records, recordsEnd, recordBytes, steps)
 *
 * For `steps` times ROWS_PER_STEP rows and every record: one output pixel. Reads up to 16 bytes past
 * the last pixel that counts and writes one byte past the last output pixel of a row.
 */
function createRowLoop(): WasmFunction {
  const locals = createLocals()
  const source = locals.parameter()
  const sourceStride = locals.parameter()
  const target = locals.parameter()
  const targetStride = locals.parameter()
  const records = locals.parameter()
  const recordsEnd = locals.parameter()
  const recordBytes = locals.parameter()
  const steps = locals.parameter()
  const record = locals.add('i32')
  const weights = locals.add('i32')
  const weightsEnd = locals.add('i32')
  const column = locals.add('i32')
  const highFirst = locals.add('v128')
  const highLast = locals.add('v128')
  const lowFirst = locals.add('v128')
  const lowLast = locals.add('v128')
  const pixels = locals.add('v128')
  const two = locals.add('v128')
  const rows = Array.from({ length: ROWS_PER_STEP }, (_, row) => ({
    row,
    from: locals.add('i32'),
    to: locals.add('i32'),
    high: locals.add('v128'),
    low: locals.add('v128'),
  }))

  const group = [
    local.set(highFirst, v128.load32Splat(local.get(weights), 0)),
    local.set(highLast, v128.load32Splat(local.get(weights), 4)),
    local.set(lowFirst, v128.load32Splat(local.get(weights), 8)),
    local.set(lowLast, v128.load32Splat(local.get(weights), 12)),
    ...rows.flatMap(({ from, high, low }) => [
      local.set(pixels, v128.load(local.get(from))),
      local.set(
        two,
        i8x16.swizzle(local.get(pixels), v128.const([...FIRST_TWO_PIXELS, ...EMPTY_LANES])),
      ),
      accumulate(high, local.get(two), highFirst),
      accumulate(low, local.get(two), lowFirst),
      local.set(
        two,
        i8x16.swizzle(local.get(pixels), v128.const([...LAST_TWO_PIXELS, ...EMPTY_LANES])),
      ),
      accumulate(high, local.get(two), highLast),
      accumulate(low, local.get(two), lowLast),
      increase(from, i32.const(TAPS_PER_GROUP * 3)),
    ]),
    increase(weights, i32.const(GROUP_BYTES)),
  ]
  const outputPixel = [
    local.set(column, i32.add(local.get(source), i32.load(local.get(record)))),
    ...rows.flatMap(({ row, from, high, low }) => [
      local.set(from, i32.add(local.get(column), i32.mul(local.get(sourceStride), i32.const(row)))),
      local.set(high, zero),
      local.set(low, zero),
    ]),
    local.set(weights, i32.add(local.get(record), i32.const(RECORD_HEAD_BYTES))),
    local.set(weightsEnd, i32.add(local.get(record), local.get(recordBytes))),
    repeatWhile(i32.lessUnsigned(local.get(weights), local.get(weightsEnd)), group),
    ...rows.flatMap(({ to, high, low }) => [
      local.set(high, joined(high, low)),
      local.set(high, i16x8.narrowSigned(local.get(high), local.get(high))),
      v128.store32Lane(local.get(to), i8x16.narrowUnsigned(local.get(high), local.get(high)), 0),
      increase(to, i32.const(3)),
    ]),
    local.set(record, local.get(weightsEnd)),
  ]
  const step = [
    local.set(record, local.get(records)),
    ...rows.map(({ row, to }) =>
      local.set(to, i32.add(local.get(target), i32.mul(local.get(targetStride), i32.const(row)))),
    ),
    repeatWhile(i32.lessUnsigned(local.get(record), local.get(recordsEnd)), outputPixel),
    increase(source, i32.mul(local.get(sourceStride), i32.const(ROWS_PER_STEP))),
    increase(target, i32.mul(local.get(targetStride), i32.const(ROWS_PER_STEP))),
    local.set(steps, i32.sub(local.get(steps), i32.const(1))),
  ]
  return {
    name: 'rows',
    ...locals.declarations(),
    body: [repeatWhile(local.get(steps), step)],
  }
}

/**
 * columns(source, stride, target, targetEnd, pairs, pairsEnd)
 *
 * One output row from the rows at `source`, two for each pair of weights.
 */
function createColumnLoop(): WasmFunction {
  const locals = createLocals()
  const source = locals.parameter()
  const stride = locals.parameter()
  const target = locals.parameter()
  const targetEnd = locals.parameter()
  const pairs = locals.parameter()
  const pairsEnd = locals.parameter()
  const from = locals.add('i32')
  const pair = locals.add('i32')
  const upper = locals.add('v128')
  const lower = locals.add('v128')
  const highWeights = locals.add('v128')
  const lowWeights = locals.add('v128')
  const halves = [INTERLEAVE_LOW, INTERLEAVE_HIGH].map((interleave) => ({
    interleave,
    mixed: locals.add('v128'),
    quarters: [i16x8.extendLowUnsigned, i16x8.extendHighUnsigned].map((extend) => ({
      extend,
      lanes: locals.add('v128'),
      high: locals.add('v128'),
      low: locals.add('v128'),
    })),
  }))
  const sums = halves.flatMap(({ quarters }) => quarters.flatMap(({ high, low }) => [high, low]))

  const twoRows = [
    local.set(highWeights, v128.load32Splat(local.get(pair), 0)),
    local.set(lowWeights, v128.load32Splat(local.get(pair), 4)),
    local.set(upper, v128.load(local.get(from))),
    local.set(lower, v128.load(i32.add(local.get(from), local.get(stride)))),
    ...halves.flatMap(({ interleave, mixed, quarters }) => [
      local.set(mixed, i8x16.shuffle(local.get(upper), local.get(lower), interleave)),
      ...quarters.flatMap(({ extend, lanes, high, low }) => [
        local.set(lanes, extend(local.get(mixed))),
        accumulate(high, local.get(lanes), highWeights),
        accumulate(low, local.get(lanes), lowWeights),
      ]),
    ]),
    increase(from, i32.mul(local.get(stride), i32.const(2))),
    increase(pair, i32.const(PAIR_BYTES)),
  ]
  const words = halves.map(({ quarters }) =>
    i16x8.narrowSigned(...quarters.map(({ high, low }) => joined(high, low))),
  )
  const block = [
    ...sums.map((sum) => local.set(sum, zero)),
    local.set(from, local.get(source)),
    local.set(pair, local.get(pairs)),
    repeatWhile(i32.lessUnsigned(local.get(pair), local.get(pairsEnd)), twoRows),
    v128.store(local.get(target), i8x16.narrowUnsigned(...words)),
    increase(source, i32.const(VECTOR_BYTES)),
    increase(target, i32.const(VECTOR_BYTES)),
  ]
  return {
    name: 'columns',
    ...locals.declarations(),
    body: [repeatWhile(i32.lessUnsigned(local.get(target), local.get(targetEnd)), block)],
  }
}

/** The module as bytes, about a kilobyte. */
export function assembleResizeKernel(): Uint8Array<ArrayBuffer> {
  return assembleModule([createRowLoop(), createColumnLoop()])
}
