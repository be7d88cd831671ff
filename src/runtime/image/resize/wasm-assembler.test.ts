import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  assembleModule,
  createLocals,
  i16x8,
  i32,
  i32x4,
  i8x16,
  instantiateModule,
  local,
  repeatWhile,
  signedLeb,
  unsignedLeb,
  v128,
} from './wasm-assembler.ts'
import type { Code } from './wasm-assembler.ts'

const VECTOR = 16

/** Runs an expression on two vectors and gives the sixteen bytes that it leaves. */
function evaluate(expression: (a: Code, b: Code) => Code, a: number[], b: number[] = []): number[] {
  const locals = createLocals()
  const [first, second, target] = [locals.parameter(), locals.parameter(), locals.parameter()]
  const body = [
    v128.store(
      local.get(target),
      expression(v128.load(local.get(first)), v128.load(local.get(second))),
    ),
  ]
  const bytes = assembleModule([{ name: 'run', ...locals.declarations(), body }])
  const instance = instantiateModule<'run'>(bytes)
  if (!instance) throw new Error('This machine has no WebAssembly vectors.')
  const memory = new Uint8Array(instance.memory.buffer)
  memory.set(a, 0)
  memory.set(b, VECTOR)
  instance.run(0, VECTOR, 2 * VECTOR)
  return [...memory.subarray(2 * VECTOR, 3 * VECTOR)]
}

function bytesOf16(...lanes: number[]): number[] {
  return [...new Uint8Array(Int16Array.from(lanes).buffer)]
}

function bytesOf32(...lanes: number[]): number[] {
  return [...new Uint8Array(Int32Array.from(lanes).buffer)]
}

/** The number that groups of seven bits make up, lowest first. */
function read(bytes: number[]): bigint {
  return bytes.reduceRight((all, byte) => (all << 7n) | BigInt(byte & 0x7f), 0n)
}

const COUNT = Array.from({ length: VECTOR }, (_, i) => i + 1)

describe('LEB128', () => {
  it.each([
    [0, [0x00]],
    [127, [0x7f]],
    [128, [0x80, 0x01]],
    [624_485, [0xe5, 0x8e, 0x26]],
  ])('writes %d without a sign as %j', (value, bytes) => {
    expect(unsignedLeb(value)).toEqual(bytes)
  })

  it.each([
    [0, [0x00]],
    [63, [0x3f]],
    [64, [0xc0, 0x00]],
    [-1, [0x7f]],
    [-64, [0x40]],
    [-123_456, [0xc0, 0xbb, 0x78]],
  ])('writes %d with a sign as %j', (value, bytes) => {
    expect(signedLeb(value)).toEqual(bytes)
  })

  it('loses no 32-bit number', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (value) => {
        const signed = signedLeb(value)
        expect(BigInt.asIntN(7 * signed.length, read(signed))).toBe(BigInt(value))
        const positive = value >>> 0
        expect(read(unsignedLeb(positive))).toBe(BigInt(positive))
      }),
    )
  })
})

describe('an assembled module', () => {
  it('loops, adds and multiplies', () => {
    // target[0] = 1 * 3 + 2 * 3 + ... + n * 3
    const locals = createLocals()
    const [count, target] = [locals.parameter(), locals.parameter()]
    const sum = locals.add('i32')
    const body = [
      repeatWhile(local.get(count), [
        local.set(sum, i32.add(local.get(sum), i32.mul(local.get(count), i32.const(3)))),
        local.set(count, i32.sub(local.get(count), i32.const(1))),
      ]),
      v128.store(local.get(target), i32x4.splat(local.get(sum))),
    ]
    const bytes = assembleModule([{ name: 'sum', ...locals.declarations(), body }])
    const instance = instantiateModule<'sum'>(bytes)
    instance?.sum(100, 0)
    expect(new Int32Array(instance?.memory.buffer ?? new ArrayBuffer(4))[0]).toBe(15_150)
  })

  it('exports several functions that share one memory', () => {
    const locals = createLocals()
    const target = locals.parameter()
    const store = (value: number): readonly Code[] => [
      v128.store(local.get(target), i32x4.splat(i32.const(value))),
    ]
    const bytes = assembleModule([
      { name: 'first', ...locals.declarations(), body: store(7) },
      { name: 'second', ...locals.declarations(), body: store(-9) },
    ])
    const instance = instantiateModule<'first' | 'second'>(bytes)
    instance?.first(0)
    instance?.second(16)
    const memory = new Int32Array(instance?.memory.buffer ?? new ArrayBuffer(0))
    expect([memory[0], memory[4]]).toEqual([7, -9])
  })

  it('is refused when it is not well formed', () => {
    const bytes = assembleModule([{ name: 'bad', parameters: 0, locals: [], body: [[0x6a]] }])
    expect(instantiateModule(bytes)).toBeUndefined()
  })
})

describe('vector instructions', () => {
  it('load and store at an offset', () => {
    expect(evaluate((a) => v128.load(a.slice(0, 2), 16), [], COUNT)).toEqual(COUNT)
  })

  it('repeat 32 bits', () => {
    const repeated = evaluate((a) => v128.load32Splat(a.slice(0, 2), 4), COUNT)
    expect(repeated).toEqual([5, 6, 7, 8, 5, 6, 7, 8, 5, 6, 7, 8, 5, 6, 7, 8])
  })

  it('store one lane', () => {
    const locals = createLocals()
    const target = locals.parameter()
    const body = [v128.store32Lane(local.get(target), v128.const(COUNT), 2)]
    const bytes = assembleModule([{ name: 'store', ...locals.declarations(), body }])
    const instance = instantiateModule<'store'>(bytes)
    instance?.store(3)
    const memory = new Uint8Array(instance?.memory.buffer ?? new ArrayBuffer(0))
    expect([...memory.subarray(2, 8)]).toEqual([0, 9, 10, 11, 12, 0])
  })

  it('pick bytes by constants and by a vector', () => {
    const reversed = COUNT.map((_, i) => 31 - i)
    const other = COUNT.map((value) => value + 100)
    expect(evaluate((a, b) => i8x16.shuffle(a, b, reversed), COUNT, other)).toEqual(
      other.toReversed(),
    )
    const picks = COUNT.map((_, i) => (i % 2 === 0 ? i : 0x80))
    const picked = evaluate((a) => i8x16.swizzle(a, v128.const(picks)), COUNT)
    expect(picked).toEqual(COUNT.map((value, i) => (i % 2 === 0 ? value : 0)))
  })

  it('widen bytes without a sign', () => {
    const bytes = COUNT.map((value) => value + 239)
    const low = evaluate((a) => i16x8.extendLowUnsigned(a), bytes)
    expect(low).toEqual(bytesOf16(...bytes.slice(0, 8)))
    const high = evaluate((a) => i16x8.extendHighUnsigned(a), bytes)
    expect(high).toEqual(bytesOf16(...bytes.slice(8)))
  })

  it('narrow with clamping', () => {
    const words = evaluate(
      (a, b) => i16x8.narrowSigned(a, b),
      bytesOf32(1, -1, 40_000, -40_000),
      bytesOf32(0, 2 ** 31 - 1, -(2 ** 31), 300),
    )
    expect(words).toEqual(bytesOf16(1, -1, 32_767, -32_768, 0, 32_767, -32_768, 300))
    const bytes = evaluate(
      (a, b) => i8x16.narrowUnsigned(a, b),
      bytesOf16(0, 1, 255, 256, -1, -300, 128, 77),
      bytesOf16(9, 9, 9, 9, 9, 9, 9, 9),
    )
    expect(bytes).toEqual([0, 1, 255, 255, 0, 0, 128, 77, 9, 9, 9, 9, 9, 9, 9, 9])
  })

  it('shift, add and multiply', () => {
    expect(evaluate((a) => i32x4.shiftLeft(a, i32.const(12)), bytesOf32(1, -1, 5, 0))).toEqual(
      bytesOf32(4096, -4096, 20_480, 0),
    )
    expect(
      evaluate((a) => i32x4.shiftRightSigned(a, i32.const(2)), bytesOf32(7, -7, 4, -4)),
    ).toEqual(bytesOf32(1, -2, 1, -1))
    const sums = evaluate((a, b) => i32x4.add(a, b), bytesOf32(1, 2, 3, 4), bytesOf32(9, 9, -9, 9))
    expect(sums).toEqual(bytesOf32(10, 11, -6, 13))
    const products = evaluate(
      (a, b) => i32x4.dot(a, b),
      bytesOf16(1, 2, 3, 4, -5, 6, 255, 255),
      bytesOf16(10, 100, 1, -1, 2, 2, 32_767, 32_767),
    )
    expect(products).toEqual(bytesOf32(210, -1, 2, 2 * 255 * 32_767))
  })
})
