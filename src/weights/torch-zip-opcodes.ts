// The opcodes of Python's pickle protocols 0 to 5, by byte: those that are followed and those that
// are only known by name, so that a refusal can say what it refused.
//
// Source: Lib/pickletools.py of CPython 3.13.

/** Enough for what torch.save writes in protocols 2 to 5, and nothing that can name code by itself. */
export const OPCODES = {
  PROTO: 0x80,
  FRAME: 0x95,
  STOP: 0x2e,
  MARK: 0x28,
  NONE: 0x4e,
  NEWTRUE: 0x88,
  NEWFALSE: 0x89,
  BININT: 0x4a,
  BININT1: 0x4b,
  BININT2: 0x4d,
  LONG1: 0x8a,
  BINFLOAT: 0x47,
  BINUNICODE: 0x58,
  SHORT_BINUNICODE: 0x8c,
  EMPTY_TUPLE: 0x29,
  TUPLE: 0x74,
  TUPLE1: 0x85,
  TUPLE2: 0x86,
  TUPLE3: 0x87,
  EMPTY_LIST: 0x5d,
  APPEND: 0x61,
  APPENDS: 0x65,
  EMPTY_DICT: 0x7d,
  SETITEM: 0x73,
  SETITEMS: 0x75,
  BINPUT: 0x71,
  LONG_BINPUT: 0x72,
  MEMOIZE: 0x94,
  BINGET: 0x68,
  LONG_BINGET: 0x6a,
  GLOBAL: 0x63,
  STACK_GLOBAL: 0x93,
  REDUCE: 0x52,
  BUILD: 0x62,
  BINPERSID: 0x51,
} as const

export type OpcodeName = keyof typeof OPCODES

/** Real opcodes that no checkpoint needs: protocols 0 and 1, classes, extensions, buffers, sets. */
export const REFUSED_OPCODES = {
  POP: 0x30,
  POP_MARK: 0x31,
  DUP: 0x32,
  FLOAT: 0x46,
  INT: 0x49,
  LONG: 0x4c,
  LONG4: 0x8b,
  PERSID: 0x50,
  STRING: 0x53,
  BINSTRING: 0x54,
  SHORT_BINSTRING: 0x55,
  UNICODE: 0x56,
  BINUNICODE8: 0x8d,
  BINBYTES: 0x42,
  SHORT_BINBYTES: 0x43,
  BINBYTES8: 0x8e,
  BYTEARRAY8: 0x96,
  NEXT_BUFFER: 0x97,
  READONLY_BUFFER: 0x98,
  DICT: 0x64,
  LIST: 0x6c,
  GET: 0x67,
  PUT: 0x70,
  INST: 0x69,
  OBJ: 0x6f,
  NEWOBJ: 0x81,
  NEWOBJ_EX: 0x92,
  EXT1: 0x82,
  EXT2: 0x83,
  EXT4: 0x84,
  EMPTY_SET: 0x8f,
  ADDITEMS: 0x90,
  FROZENSET: 0x91,
} as const

function isOpcodeName(name: string): name is OpcodeName {
  return name in OPCODES
}

const FOLLOWED_BY_BYTE: ReadonlyMap<number, OpcodeName> = new Map(
  Object.keys(OPCODES)
    .filter(isOpcodeName)
    .map((name) => [OPCODES[name], name]),
)
const REFUSED_BY_BYTE: ReadonlyMap<number, string> = new Map(
  Object.entries(REFUSED_OPCODES).map(([name, byte]) => [byte, name]),
)

/** The opcode to follow, or undefined for one that is refused or does not exist. */
export function findOpcode(byte: number): OpcodeName | undefined {
  return FOLLOWED_BY_BYTE.get(byte)
}

/** `INST (0x69)`, or the bare byte where no protocol defines it. */
export function describeOpcode(byte: number): string {
  const hex = `0x${byte.toString(16).padStart(2, '0')}`
  const name = FOLLOWED_BY_BYTE.get(byte) ?? REFUSED_BY_BYTE.get(byte)
  return name === undefined ? hex : `${name} (${hex})`
}
