// A WebAssembly assembler that knows just the instructions of the resize kernel.
//
// The kernel is written as TypeScript expressions and assembled when the program starts, so that its
// source is in the repository and no compiler, and no file of bytes, has to be trusted.
//
// Source of the encoding: WebAssembly core specification 2.0, chapter 5 (binary format).

/** Encoded instructions that leave one value, or none, on the stack. */
export type Code = readonly number[]

export type ValueType = 'i32' | 'v128'

const VALUE_TYPE: Readonly<Record<ValueType, number>> = { i32: 0x7f, v128: 0x7b }
/** "\0asm" and version 1. */
const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
const EMPTY_BLOCK = 0x40
const SIMD_PREFIX = 0xfd

export interface WasmFunction {
  readonly name: string
  /** How many i32 parameters it takes; they are the first locals. It returns nothing. */
  readonly parameters: number
  /** Types of the locals after the parameters. */
  readonly locals: readonly ValueType[]
  readonly body: readonly Code[]
}

/** @param value a non-negative integer */
export function unsignedLeb(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  do {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? low + 128 : low)
  } while (rest > 0)
  return bytes
}

/** @param value a 32-bit integer */
export function signedLeb(value: number): number[] {
  const bytes: number[] = []
  let rest = value | 0
  for (;;) {
    const low = rest & 0x7f
    rest >>= 7
    const signIsPlain = (rest === 0 && low < 64) || (rest === -1 && low >= 64)
    bytes.push(signIsPlain ? low : low | 0x80)
    if (signIsPlain) return bytes
  }
}

function plain(opcode: number): (...operands: Code[]) => Code {
  return (...operands) => [...operands.flat(), opcode]
}

function simd(opcode: number): (...operands: Code[]) => Code {
  return (...operands) => [...operands.flat(), SIMD_PREFIX, ...unsignedLeb(opcode)]
}

/** `align` is the exponent of the promised alignment; 0 promises none. */
function memoryArgument(offset: number): number[] {
  return [0, ...unsignedLeb(offset)]
}

export const local = {
  get: (index: number): Code => [0x20, ...unsignedLeb(index)],
  set: (index: number, value: Code): Code => [...value, 0x21, ...unsignedLeb(index)],
}

export const i32 = {
  const: (value: number): Code => [0x41, ...signedLeb(value)],
  add: plain(0x6a),
  sub: plain(0x6b),
  mul: plain(0x6c),
  lessUnsigned: plain(0x49),
  load: (address: Code, offset = 0): Code => [...address, 0x28, ...memoryArgument(offset)],
}

export const v128 = {
  load: (address: Code, offset = 0): Code => [
    ...address,
    SIMD_PREFIX,
    0x00,
    ...memoryArgument(offset),
  ],
  /** The same 32 bits in all four lanes. */
  load32Splat: (address: Code, offset = 0): Code => [
    ...address,
    SIMD_PREFIX,
    0x09,
    ...memoryArgument(offset),
  ],
  store: (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    SIMD_PREFIX,
    0x0b,
    ...memoryArgument(offset),
  ],
  /** Stores one 32-bit lane. */
  store32Lane: (address: Code, value: Code, lane: number): Code => [
    ...address,
    ...value,
    SIMD_PREFIX,
    0x5a,
    ...memoryArgument(0),
    lane,
  ],
  /** @param bytes sixteen of them */
  const: (bytes: readonly number[]): Code => [SIMD_PREFIX, 0x0c, ...bytes],
}

export const i8x16 = {
  /** @param lanes sixteen bytes to pick: 0 to 15 of the first vector, 16 to 31 of the second */
  shuffle: (first: Code, second: Code, lanes: readonly number[]): Code => [
    ...first,
    ...second,
    SIMD_PREFIX,
    0x0d,
    ...lanes,
  ],
  /** Bytes picked by a vector of positions; a position past 15 gives 0. */
  swizzle: simd(0x0e),
  /** Two vectors of signed 16-bit lanes to bytes, clamped to 0 ... 255. */
  narrowUnsigned: simd(0x66),
}

export const i16x8 = {
  /** Two vectors of signed 32-bit lanes to signed 16-bit lanes, clamped. */
  narrowSigned: simd(0x85),
  extendLowUnsigned: simd(0x89),
  extendHighUnsigned: simd(0x8a),
}

export const i32x4 = {
  splat: simd(0x11),
  add: simd(0xae),
  shiftLeft: simd(0xab),
  shiftRightSigned: simd(0xac),
  /** Products of signed 16-bit lanes, neighbours added. */
  dot: simd(0xba),
}

/** Hands out the locals of one function: all parameters first, then the others. */
export function createLocals(): {
  /** The next parameter, an i32. */
  parameter(): number
  add(type: ValueType): number
  /** What a WasmFunction says about its locals. */
  declarations(): Pick<WasmFunction, 'parameters' | 'locals'>
} {
  let parameters = 0
  const locals: ValueType[] = []
  return {
    parameter: () => parameters++,
    add: (type) => parameters + locals.push(type) - 1,
    declarations: () => ({ parameters, locals }),
  }
}

/** Runs the body, then again for as long as `condition` is not 0. */
export function repeatWhile(condition: Code, body: readonly Code[]): Code {
  return [0x03, EMPTY_BLOCK, ...body.flat(), ...condition, 0x0d, 0x00, 0x0b]
}

/** A module that exports its functions, and a memory of one page that may grow, as `memory`. */
export function assembleModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [
    0x60,
    ...vector(Array.from({ length: parameters }, () => [VALUE_TYPE.i32])),
    ...vector([]),
  ])
  const exports = functions.map(({ name }, index) => [...text(name), 0x00, ...unsignedLeb(index)])
  return Uint8Array.from([
    ...PREAMBLE,
    ...section(1, vector(types)),
    ...section(3, vector(functions.map((_, index) => unsignedLeb(index)))),
    ...section(5, vector([[0x00, 0x01]])),
    ...section(7, vector([...exports, [...text('memory'), 0x02, 0x00]])),
    ...section(10, vector(functions.map(toCodeEntry))),
  ])
}

function toCodeEntry({ locals, body }: WasmFunction): number[] {
  const declared = vector(locals.map((type) => [0x01, VALUE_TYPE[type]]))
  const code = [...declared, ...body.flat(), 0x0b]
  return [...unsignedLeb(code.length), ...code]
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsignedLeb(content.length), ...content]
}

function vector(items: readonly Code[]): number[] {
  return [...unsignedLeb(items.length), ...items.flat()]
}

function text(value: string): number[] {
  return vector(Array.from(Buffer.from(value), (byte) => [byte]))
}

/** A function that takes 32-bit integers and returns nothing. */
export type WasmCall = (...parameters: number[]) => void

export interface WasmMemory {
  readonly buffer: ArrayBuffer
  /** Adds pages of 64 KiB; `buffer` is another one afterwards. */
  grow(pages: number): number
}

/** The part of the standard interface that is used; the type library for Node has none of it. */
declare const WebAssembly: {
  validate(bytes: Uint8Array<ArrayBuffer>): boolean
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  Instance: new <Name extends string>(
    module: object,
  ) => { readonly exports: { readonly memory: WasmMemory } & Readonly<Record<Name, WasmCall>> }
}

/**
 * Runs a module of `assembleModule`; undefined where WebAssembly or its vector instructions are
 * missing. `Name` lists the functions of the module.
 */
export function instantiateModule<Name extends string>(
  bytes: Uint8Array<ArrayBuffer>,
): ({ readonly memory: WasmMemory } & Readonly<Record<Name, WasmCall>>) | undefined {
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(bytes)) return undefined
  return new WebAssembly.Instance<Name>(new WebAssembly.Module(bytes)).exports
}
