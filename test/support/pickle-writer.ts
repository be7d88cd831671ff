// Assembles pickles byte by byte, well-formed or hostile, for tests of the restricted reader.

/** A piece of a pickle. */
export type PickleCode = Uint8Array

export function code(...bytes: readonly number[]): PickleCode {
  return Uint8Array.from(bytes)
}

export function concatenate(...pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces))
}

/** Protocol 2, the pieces, STOP. */
export function pickleOf(...pieces: readonly PickleCode[]): Uint8Array {
  return concatenate(code(0x80, 2), ...pieces, code(0x2e))
}

export const MARK = code(0x28)
export const NONE = code(0x4e)
export const FALSE = code(0x89)
export const REDUCE = code(0x52)
export const BUILD = code(0x62)
export const TUPLE = code(0x74)
export const EMPTY_TUPLE = code(0x29)
export const EMPTY_DICT = code(0x7d)
export const EMPTY_LIST = code(0x5d)
export const APPEND = code(0x61)
export const APPENDS = code(0x65)
export const SETITEM = code(0x73)
export const SETITEMS = code(0x75)
export const PERSISTENT = code(0x51)
export const MEMOIZE = code(0x94)
export const STACK_GLOBAL = code(0x93)

export function global(module: string, name: string): PickleCode {
  return concatenate(code(0x63), Buffer.from(`${module}\n${name}\n`))
}

export function text(value: string): PickleCode {
  const bytes = Buffer.from(value)
  return concatenate(code(0x58), uint32(bytes.length), bytes)
}

export function integer(value: number): PickleCode {
  const bytes = Buffer.alloc(10)
  bytes[0] = 0x8a
  bytes[1] = 8
  bytes.writeBigInt64LE(BigInt(value), 2)
  return new Uint8Array(bytes)
}

export function tuple(...items: readonly PickleCode[]): PickleCode {
  return concatenate(MARK, ...items, TUPLE)
}

export function put(index: number): PickleCode {
  return concatenate(code(0x72), uint32(index))
}

export function get(index: number): PickleCode {
  return concatenate(code(0x6a), uint32(index))
}

/** `callee(*args)` */
export function call(callee: PickleCode, ...args: readonly PickleCode[]): PickleCode {
  return concatenate(callee, tuple(...args), REDUCE)
}

export function orderedDict(): PickleCode {
  return call(global('collections', 'OrderedDict'))
}

export function storage(key: string, length: number, type = 'FloatStorage'): PickleCode {
  const id = tuple(text('storage'), global('torch', type), text(key), text('cpu'), integer(length))
  return concatenate(id, PERSISTENT)
}

export interface TensorCode {
  readonly key?: string
  readonly length: number
  readonly type?: string
  readonly offset?: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
}

/** What torch.save writes for a tensor. */
export function tensor({
  key = '0',
  length,
  type,
  offset = 0,
  shape,
  strides,
}: TensorCode): PickleCode {
  return call(
    global('torch._utils', '_rebuild_tensor_v2'),
    storage(key, length, type),
    integer(offset),
    tuple(...shape.map(integer)),
    tuple(...strides.map(integer)),
    FALSE,
    orderedDict(),
  )
}

/** `{name: value, ...}` */
export function dict(entries: Readonly<Record<string, PickleCode>>): PickleCode {
  const items = Object.entries(entries).flatMap(([key, value]) => [text(key), value])
  return concatenate(EMPTY_DICT, MARK, ...items, SETITEMS)
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return new Uint8Array(bytes)
}
