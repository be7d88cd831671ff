// What must never be possible: a pickle that runs, imports, allocates without bound, or makes the
// reader fail in a way of its own.
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  APPEND,
  APPENDS,
  BUILD,
  call,
  code,
  concatenate,
  dict,
  EMPTY_DICT,
  EMPTY_LIST,
  EMPTY_TUPLE,
  FALSE,
  get,
  global,
  integer,
  MARK,
  MEMOIZE,
  NONE,
  orderedDict,
  PERSISTENT,
  pickleOf,
  put,
  REDUCE,
  SETITEM,
  SETITEMS,
  STACK_GLOBAL,
  storage,
  tensor,
  text,
  tuple,
  TUPLE,
} from '../../test/support/pickle-writer.ts'
import { OPCODES, REFUSED_OPCODES } from './torch-zip-opcodes.ts'
import { PickleRefusal } from './torch-zip-pickle-input.ts'
import { readPickle } from './torch-zip-pickle.ts'
import type { PickleValue } from './torch-zip-values.ts'
import { createTorchVocabulary } from './torch-zip-vocabulary.ts'

function read(bytes: Uint8Array): PickleValue {
  return readPickle(bytes, createTorchVocabulary())
}

function refusalOf(bytes: Uint8Array): string {
  try {
    read(bytes)
  } catch (error) {
    if (error instanceof PickleRefusal) return error.message
    throw error
  }
  throw new Error('the pickle was not refused')
}

const STATE = pickleOf(
  dict({
    weight: tensor({ length: 6, shape: [2, 3], strides: [3, 1] }),
    bias: tensor({ key: '1', length: 3, shape: [3], strides: [1] }),
  }),
)

/** Python names that would run code, read files, reach the network or reach for more names. */
const DANGEROUS_GLOBALS = [
  'os.system',
  'posix.system',
  'nt.system',
  'os.popen',
  'os.execv',
  'os.remove',
  'os.environ',
  'subprocess.Popen',
  'subprocess.check_output',
  'builtins.eval',
  'builtins.exec',
  'builtins.compile',
  'builtins.open',
  'builtins.getattr',
  'builtins.__import__',
  'builtins.globals',
  'builtins.print',
  'builtins.object',
  '__builtin__.eval',
  '__main__.payload',
  'importlib.import_module',
  'runpy.run_path',
  'pty.spawn',
  'shutil.rmtree',
  'socket.socket',
  'webbrowser.open',
  'ctypes.CDLL',
  'pickle.loads',
  '_pickle.loads',
  'marshal.loads',
  'code.interact',
  'timeit.timeit',
  'bdb.Bdb',
  'cProfile.run',
  'pip.main',
  'operator.attrgetter',
  'operator.methodcaller',
  'functools.partial',
  'functools.reduce',
  'types.FunctionType',
  'copyreg._reconstructor',
  'collections.defaultdict',
  'collections.Counter',
  '_codecs.encode',
  'torch.load',
  'torch.hub.load',
  'torch.jit.load',
  'torch.ops.load_library',
  'torch.utils.cpp_extension.load',
  'torch.storage._load_from_bytes',
  'torch.nn.Linear',
  'torch.Tensor',
  'torch.device',
  'torch.Size',
  'torch.BoolStorage',
  'torch.QInt8Storage',
  'torch.storage.UntypedStorage',
  'torch._utils._rebuild_tensor',
  'torch._utils._rebuild_tensor_v3',
  'torch._utils._rebuild_parameter_with_state',
  'torch._utils._rebuild_qtensor',
  'torch._utils._import_dotted_name',
  'torch._utils.os.system',
  'torch._utils._rebuild_tensor_v2.__globals__',
  'torch._utils._rebuild_tensor_v2.__class__',
  'torch.FloatStorage.__init__',
  'torch.FloatStorage.from_file',
  'collections.OrderedDict.__class__',
  'collections.OrderedDict.__reduce_ex__',
  'numpy.core.multiarray._reconstruct',
  'numpy.load',
  'numpy.f2py.crackfortran.getlincoef',
  'Collections.OrderedDict',
  'collections.ordereddict',
  ' collections.OrderedDict',
  'collections.OrderedDict ',
  'collections.OrderedDict\0',
  'collections..OrderedDict',
  '.',
  '',
  'collections.',
  '.OrderedDict',
  '__proto__.constructor',
  'constructor.constructor',
  'toString.call',
  'hasOwnProperty.x',
] as const

function split(name: string): readonly [string, string] {
  const at = name.lastIndexOf('.')
  return [name.slice(0, Math.max(at, 0)), name.slice(at + 1)]
}

describe('what torch.save writes', () => {
  it('becomes descriptions of tensors', () => {
    const value = read(STATE)
    expect(value).toMatchObject({ kind: 'dict', ordered: false })
    const entries = typeof value === 'object' && value?.kind === 'dict' ? value.entries : new Map()
    expect(entries.get('weight')).toEqual({
      kind: 'tensor',
      storage: { kind: 'storage', key: '0', type: 'torch.FloatStorage', length: 6 },
      offset: 0,
      shape: [2, 3],
      strides: [3, 1],
    })
  })

  it('may attach _metadata to an OrderedDict, which is dropped', () => {
    const state = concatenate(orderedDict(), dict({ _metadata: dict({}) }), BUILD)
    expect(read(pickleOf(state))).toEqual({ kind: 'dict', ordered: true, entries: new Map() })
  })

  it('may hold lists, floats, long integers and frames', () => {
    const float = concatenate(code(0x47), Buffer.from('3ff8000000000000', 'hex'))
    const minus = code(0x8a, 2, 0x00, 0xff)
    const frame = code(0x95, 1, 0, 0, 0, 0, 0, 0, 0)
    const list = concatenate(EMPTY_LIST, MARK, float, minus, NONE, APPENDS, frame)
    expect(read(pickleOf(list))).toEqual({ kind: 'list', items: [1.5, -256, null] })
  })

  it('shares objects through the memo instead of copying them', () => {
    const state = pickleOf(concatenate(EMPTY_LIST, MEMOIZE, get(0), put(7), get(7), code(0x87)))
    const value = read(state)
    const items = typeof value === 'object' && value?.kind === 'tuple' ? value.items : []
    expect(items).toHaveLength(3)
    expect(items[0]).toBe(items[2])
  })
})

describe('opcodes that are not read', () => {
  const followed = new Set<number>(Object.values(OPCODES))
  const others = Array.from({ length: 256 }, (_, byte) => byte).filter(
    (byte) => !followed.has(byte),
  )

  it('are all but 35 of the 256', () => {
    expect(followed.size).toBe(35)
    expect(Object.values(REFUSED_OPCODES).filter((byte) => followed.has(byte))).toEqual([])
  })

  it.each(others)('%i is refused wherever it stands', (byte) => {
    const hex = `0x${byte.toString(16).padStart(2, '0')}`
    for (const before of [code(), text('a'), concatenate(MARK, text('a'), text('b'))]) {
      const refusal = refusalOf(pickleOf(before, code(byte), code(0, 0, 0, 0)))
      expect(refusal).toContain(hex)
    }
  })

  it.each(Object.entries(REFUSED_OPCODES))('%s is refused by its name', (name, byte) => {
    expect(refusalOf(pickleOf(code(byte)))).toContain(`${name} (`)
  })
})

describe('Python names', () => {
  it('are a closed list', () => {
    expect([...createTorchVocabulary().globals].toSorted()).toEqual([
      'collections.OrderedDict',
      'torch.BFloat16Storage',
      'torch.ByteStorage',
      'torch.DoubleStorage',
      'torch.FloatStorage',
      'torch.HalfStorage',
      'torch.IntStorage',
      'torch.LongStorage',
      'torch._utils._rebuild_parameter',
      'torch._utils._rebuild_tensor_v2',
    ])
  })

  it.each(DANGEROUS_GLOBALS)('%j is refused as a GLOBAL, before it is called', (name) => {
    const [module, attribute] = split(name)
    const refusal = refusalOf(pickleOf(call(global(module, attribute), text('touch /tmp/owned'))))
    expect(refusal).toContain(`the Python global ${JSON.stringify(`${module}.${attribute}`)}`)
  })

  it.each(DANGEROUS_GLOBALS)('%j is refused as a STACK_GLOBAL', (name) => {
    const [module, attribute] = split(name)
    const named = concatenate(text(module), text(attribute), STACK_GLOBAL)
    expect(refusalOf(pickleOf(call(named, text('touch /tmp/owned'))))).toContain('not allowed')
  })

  it.each([
    ['from a number', concatenate(integer(1), text('system'), STACK_GLOBAL)],
    ['from a list', concatenate(EMPTY_LIST, EMPTY_LIST, STACK_GLOBAL)],
    ['without an end', concatenate(code(0x63), Buffer.from('os'))],
    ['without a second line', concatenate(code(0x63), Buffer.from('os\nsystem'))],
    ['of endless length', concatenate(code(0x63), Buffer.alloc(100_000, 'a'))],
    ['that is not UTF-8', concatenate(code(0x63, 0xff, 0x0a, 0x61, 0x0a))],
  ])('are refused when made %s', (_, named) => {
    expect(refusalOf(pickleOf(named))).toMatch(/global|UTF-8|middle/)
  })

  it('cannot break a message: they are quoted and shortened', () => {
    const refusal = refusalOf(pickleOf(global('evil\u001b[2J\r', 'x'.repeat(3000))))
    expect(refusal).not.toContain('\u001b')
    expect(refusal.length).toBeLessThan(300)
  })
})

const rebuild = global('torch._utils', '_rebuild_tensor_v2')
const parameter = global('torch._utils', '_rebuild_parameter')
const good = tensor({ length: 6, shape: [6], strides: [1] })
function args(...changed: readonly [number, Uint8Array][]): Uint8Array[] {
  const list = [
    storage('0', 6),
    integer(0),
    tuple(integer(6)),
    tuple(integer(1)),
    FALSE,
    orderedDict(),
  ]
  for (const [index, value] of changed) list[index] = value
  return list
}

describe('calls', () => {
  it.each([
    ['None', call(NONE)],
    ['a string', call(text('os.system'), text('id'))],
    ['a number', call(integer(1))],
    ['a list', call(EMPTY_LIST)],
    ['a dict', call(EMPTY_DICT)],
    ['a tuple', call(EMPTY_TUPLE)],
    ['a tensor', call(good)],
    ['a storage', call(storage('0', 6))],
    ['a storage class', call(global('torch', 'FloatStorage'), integer(1_000_000_000))],
    ['an OrderedDict with items', call(global('collections', 'OrderedDict'), EMPTY_LIST)],
    ['something with a list of arguments', concatenate(rebuild, EMPTY_LIST, REDUCE)],
    ['something with no arguments', concatenate(rebuild, NONE, REDUCE)],
    ['something that lacks its arguments', concatenate(rebuild, REDUCE)],
    ['the result of a call', call(orderedDict())],
  ])('of %s are refused', (_, bytes) => {
    expect(refusalOf(pickleOf(bytes))).toMatch(/calls|takes more values/)
  })

  it.each([
    ['too few arguments', call(rebuild, ...args().slice(0, 5))],
    ['too many arguments', call(rebuild, ...args(), NONE, NONE)],
    ['no storage', call(rebuild, ...args([0, NONE]))],
    ['a tensor for a storage', call(rebuild, ...args([0, good]))],
    ['a negative offset', call(rebuild, ...args([1, integer(-1)]))],
    ['an offset beyond the storage', call(rebuild, ...args([1, integer(1)]))],
    [
      'a fractional offset',
      call(rebuild, ...args([1, concatenate(code(0x47), Buffer.from('3fe0000000000000', 'hex'))])),
    ],
    [
      'an offset that is not a number',
      call(rebuild, ...args([1, concatenate(code(0x47), Buffer.from('7ff8000000000000', 'hex'))])),
    ],
    ['a list for a size', call(rebuild, ...args([2, EMPTY_LIST]))],
    ['a negative size', call(rebuild, ...args([2, tuple(integer(-6))]))],
    ['a size beyond the storage', call(rebuild, ...args([2, tuple(integer(7))]))],
    ['a size of 2^53', call(rebuild, ...args([2, tuple(integer(2 ** 53 - 1))]))],
    [
      'sizes whose product overflows',
      call(
        rebuild,
        ...args([2, tuple(integer(2 ** 40), integer(2 ** 40))], [3, tuple(integer(0), integer(0))]),
      ),
    ],
    [
      'nine dimensions',
      call(
        rebuild,
        ...args(
          [2, tuple(...Array<Uint8Array>(9).fill(integer(1)))],
          [3, tuple(...Array<Uint8Array>(9).fill(integer(1)))],
        ),
      ),
    ],
    ['fewer strides than sizes', call(rebuild, ...args([3, EMPTY_TUPLE]))],
    ['a negative stride', call(rebuild, ...args([3, tuple(integer(-1))]))],
    ['a stride beyond the storage', call(rebuild, ...args([3, tuple(integer(2))]))],
    ['a stride of 2^52', call(rebuild, ...args([3, tuple(integer(2 ** 52))]))],
    [
      'stride 0, to repeat one element',
      call(rebuild, ...args([2, tuple(integer(1e9))], [3, tuple(integer(0))])),
    ],
    ['strings for sizes', call(rebuild, ...args([2, tuple(text('6'))]))],
    ['a number for requires_grad', call(rebuild, ...args([4, integer(0)]))],
    ['hooks', call(rebuild, ...args([5, dict({ hook: NONE })]))],
    ['no hooks dict', call(rebuild, ...args([5, NONE]))],
    ['a parameter of nothing', call(parameter, NONE, FALSE, orderedDict())],
    ['a parameter of a storage', call(parameter, storage('0', 6), FALSE, orderedDict())],
    ['a parameter with hooks', call(parameter, good, FALSE, dict({ hook: NONE }))],
    ['a parameter with state', call(parameter, good, FALSE, orderedDict(), EMPTY_DICT)],
    ['a parameter with too few arguments', call(parameter, good, FALSE)],
  ])('that rebuild a tensor are refused with %s', (_, bytes) => {
    expect(refusalOf(pickleOf(bytes))).toMatch(/tensor|parameter/)
  })
})

const type = global('torch', 'FloatStorage')

function reference(...items: readonly Uint8Array[]): Uint8Array {
  return concatenate(tuple(...items), PERSISTENT)
}

describe('references to storages', () => {
  it.each([
    ['a string', concatenate(text('storage'), PERSISTENT)],
    ['a number', concatenate(integer(1), PERSISTENT)],
    ['an empty tuple', concatenate(EMPTY_TUPLE, PERSISTENT)],
    ['a module', reference(text('module'), type, text('0'), text('cpu'), integer(1))],
    [
      'a class by its name only',
      reference(text('storage'), text('torch.FloatStorage'), text('0'), text('cpu'), integer(1)),
    ],
    [
      'a function',
      reference(
        text('storage'),
        global('torch._utils', '_rebuild_parameter'),
        text('0'),
        text('cpu'),
        integer(1),
      ),
    ],
    ['a path', reference(text('storage'), type, text('../../etc/passwd'), text('cpu'), integer(1))],
    [
      'an absolute path',
      reference(text('storage'), type, text('/etc/passwd'), text('cpu'), integer(1)),
    ],
    [
      'a key with a leading zero',
      reference(text('storage'), type, text('00'), text('cpu'), integer(1)),
    ],
    [
      'a key of endless digits',
      reference(text('storage'), type, text('1'.repeat(50)), text('cpu'), integer(1)),
    ],
    ['a numeric key', reference(text('storage'), type, integer(0), text('cpu'), integer(1))],
    ['a negative length', reference(text('storage'), type, text('0'), text('cpu'), integer(-1))],
    ['a length that is text', reference(text('storage'), type, text('0'), text('cpu'), text('1'))],
    ['no device', reference(text('storage'), type, text('0'), NONE, integer(1))],
    ['a sixth item', reference(text('storage'), type, text('0'), text('cpu'), integer(1), NONE)],
    ['four items', reference(text('storage'), type, text('0'), text('cpu'))],
  ])('are refused when they are %s', (_, bytes) => {
    expect(refusalOf(pickleOf(bytes))).toMatch(/not a tensor storage/)
  })

  it.each([
    ['length', storage('0', 7)],
    ['element type', storage('0', 6, 'HalfStorage')],
  ])('are refused when the same one has another %s', (_, second) => {
    expect(refusalOf(pickleOf(storage('0', 6), second, code(0x86)))).toMatch(/in two ways/)
  })
})

describe('misuse of the stack', () => {
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ['nothing but an end', pickleOf()],
    ['two values at the end', pickleOf(NONE, NONE)],
    ['an open mark at the end', pickleOf(MARK, NONE)],
    ['a mark under the last value', pickleOf(NONE, MARK)],
    ['a tuple without a mark', pickleOf(TUPLE)],
    ['a tuple of values below its mark', pickleOf(NONE, NONE, MARK, code(0x86))],
    ['a list that is below the mark', pickleOf(EMPTY_LIST, MARK, NONE, APPEND)],
    ['appending to nothing', pickleOf(MARK, NONE, APPENDS)],
    ['appending to a dict', pickleOf(EMPTY_DICT, NONE, APPEND)],
    ['appending to a tuple', pickleOf(EMPTY_TUPLE, MARK, NONE, APPENDS)],
    [
      'appending to a tensor',
      pickleOf(tensor({ length: 1, shape: [], strides: [] }), NONE, APPEND),
    ],
    ['an item of a list', pickleOf(EMPTY_LIST, text('a'), NONE, SETITEM)],
    ['an item without a value', pickleOf(EMPTY_DICT, MARK, text('a'), SETITEMS)],
    ['an item under a list', pickleOf(EMPTY_DICT, EMPTY_LIST, NONE, SETITEM)],
    ['an item under None', pickleOf(EMPTY_DICT, NONE, NONE, SETITEM)],
    ['an item under a tuple', pickleOf(EMPTY_DICT, EMPTY_TUPLE, NONE, SETITEM)],
    ['an item set twice', pickleOf(EMPTY_DICT, MARK, text('a'), NONE, text('a'), NONE, SETITEMS)],
    ['a memo that was never set', pickleOf(get(3))],
    ['a memo of nothing', pickleOf(put(0))],
    ['a memo of a value below the mark', pickleOf(NONE, MARK, put(0))],
    ['the state of a plain dict', pickleOf(EMPTY_DICT, EMPTY_DICT, BUILD)],
    [
      'the state of a tensor',
      pickleOf(tensor({ length: 1, shape: [], strides: [] }), EMPTY_DICT, BUILD),
    ],
    ['the state of a class', pickleOf(global('torch', 'FloatStorage'), EMPTY_DICT, BUILD)],
    ['a state that is no dict', pickleOf(orderedDict(), text('state'), BUILD)],
    ['a state without a target', pickleOf(EMPTY_DICT, BUILD)],
    ['no reference to a storage', pickleOf(PERSISTENT)],
    ['a second pickle inside', pickleOf(code(0x80, 2), NONE)],
    ['a second pickle behind', concatenate(pickleOf(NONE), pickleOf(NONE))],
    ['bytes behind its end', concatenate(pickleOf(NONE), code(0))],
    ['protocol 0', concatenate(code(0x4e), code(0x2e))],
    ['protocol 1', concatenate(code(0x80, 1), NONE, code(0x2e))],
    ['protocol 6', concatenate(code(0x80, 6), NONE, code(0x2e))],
    ['no bytes at all', code()],
    [
      'a frame longer than the pickle',
      pickleOf(code(0x95, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)),
    ],
  ]
  it.each(cases)('is refused: %s', (_, bytes) => {
    expect(refusalOf(bytes)).toMatch(/^it /)
  })
})

function repeat(piece: Uint8Array, times: number): Uint8Array {
  return Buffer.alloc(piece.length * times, piece)
}

describe('bombs', () => {
  /** The most that refusing any of these may take, in a process that runs other tests too. */
  const MAX_HEAP_BYTES = 400 * 1024 * 1024

  const cases: readonly (readonly [string, Uint8Array])[] = [
    ['8 MiB of lists', pickleOf(repeat(EMPTY_LIST, 8 * 1024 * 1024 - 8))],
    ['8 MiB of dicts', pickleOf(repeat(EMPTY_DICT, 8 * 1024 * 1024 - 8))],
    ['8 MiB of memo entries', pickleOf(NONE, repeat(MEMOIZE, 8 * 1024 * 1024 - 9))],
    ['8 MiB of marks', pickleOf(repeat(MARK, 8 * 1024 * 1024 - 8))],
    ['more than 8 MiB', pickleOf(repeat(NONE, 8 * 1024 * 1024))],
    [
      'a tuple doubled a hundred thousand times',
      pickleOf(NONE, put(0), repeat(concatenate(get(0), get(0), code(0x86), put(0)), 100_000)),
    ],
    [
      'a list appended to itself',
      pickleOf(EMPTY_LIST, put(0), repeat(concatenate(get(0), APPEND), 300_000)),
    ],
    ['nesting of a hundred thousand tuples', pickleOf(NONE, repeat(code(0x85), 600_000))],
    [
      'memo entries far apart',
      pickleOf(NONE, ...Array.from({ length: 1000 }, (_, index) => put(index * 4_000_000)), MARK),
    ],
    ['a string of 4 GiB', pickleOf(code(0x58, 0xff, 0xff, 0xff, 0xff))],
    [
      'a string of 2 GiB that is not there',
      pickleOf(code(0x58, 0xff, 0xff, 0xff, 0x7f), text('a')),
    ],
    ['a short string that is not there', pickleOf(code(0x8c, 0xff))],
    ['a string of 5,000 bytes', pickleOf(text('a'.repeat(5000)))],
    ['an integer of 255 bytes', pickleOf(code(0x8a, 255), new Uint8Array(255))],
    ['an integer of 2^63 - 1', pickleOf(code(0x8a, 8, 255, 255, 255, 255, 255, 255, 255, 127))],
    ['65 nested marks', pickleOf(repeat(MARK, 65), repeat(TUPLE, 65))],
  ]
  it.each(cases)('are refused in bounded time and memory: %s', (_, bytes) => {
    const before = process.memoryUsage().heapUsed
    expect(refusalOf(bytes)).toMatch(/^it /)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(MAX_HEAP_BYTES)
  })

  it('may contain itself without a reader that follows it for ever', () => {
    const value = read(pickleOf(EMPTY_LIST, put(0), get(0), APPEND))
    expect(value).toMatchObject({ kind: 'list' })
  })
})

/** Lets pass the two outcomes that are allowed. */
function readOrRefuse(bytes: Uint8Array): 'value' | 'refusal' {
  try {
    read(bytes)
    return 'value'
  } catch (error) {
    if (!(error instanceof PickleRefusal)) throw error
    return 'refusal'
  }
}

describe('damage', () => {
  it('is refused when a pickle is cut after any of its bytes', () => {
    for (let length = 0; length < STATE.length; length += 1) {
      expect(refusalOf(STATE.subarray(0, length)), `cut after ${length}`).toMatch(/^it /)
    }
  })

  it('gives a value or a refusal for any change of one byte, and for any bytes', () => {
    for (let at = 0; at < STATE.length; at += 1) {
      for (let value = 0; value < 256; value += 5) {
        const damaged = Uint8Array.from(STATE)
        damaged[at] = value
        readOrRefuse(damaged)
      }
    }
    const opcodes = fc.constantFrom<number>(...Object.values(OPCODES), 0, 1, 2, 255)
    fc.assert(
      fc.property(fc.array(opcodes, { maxLength: 40 }), (bytes) => {
        const outcome = readOrRefuse(concatenate(code(0x80, 2), Uint8Array.from(bytes)))
        expect(['value', 'refusal']).toContain(outcome)
      }),
      { numRuns: 3000 },
    )
  })
})

describe('the reader itself', () => {
  it.each(['torch-zip-pickle.ts', 'torch-zip-pickle-input.ts', 'torch-zip-vocabulary.ts'])(
    '%s has nothing that could run or load code',
    (name) => {
      const source = readFileSync(new URL(name, import.meta.url), 'utf8')
      const program = source.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '')
      expect(program).not.toMatch(/\beval\b|new Function|import\(|require\(|node:|\bprocess\b/)
    },
  )
})
