// A pickle reader that can only describe data.
//
// Python's pickle is a small stack machine whose GLOBAL and REDUCE opcodes import and call any
// function: opening a checkpoint with it means running what the author put there. This reader has
// the machine without the powers. It follows the opcodes that torch.save writes, knows the handful
// of names in its caller's table, and turns a call into a plain description or refuses it by name.
// Its work is a loop of at most MAX_OPERATIONS turns that never recurses, so time and memory are
// bounded whatever the file says.
//
// Source: Lib/pickle.py and Lib/pickletools.py of CPython 3.13.
import { PickleInput, PickleRefusal } from './torch-zip-pickle-input.ts'
import type { OpcodeName } from './torch-zip-opcodes.ts'
import { describeOpcode, findOpcode } from './torch-zip-opcodes.ts'
import type { PickleDict, PickleList, PickleValue } from './torch-zip-values.ts'
import { describePickleValue } from './torch-zip-values.ts'

/** Florence-2-large needs 0.2 MB. */
export const MAX_PICKLE_BYTES = 8 * 1024 * 1024
/** An operation makes at most one value; Florence-2-large takes some 40,000. */
const MAX_OPERATIONS = 500_000
/** torch.save nests about five deep, whatever the model. */
const MAX_MARKS = 64
/** Protocol 2 is torch.save's default; 5 is the newest there is. */
const PROTOCOLS = { first: 2, last: 5 }

/** The caller's allow-list: what names exist, and what describing a call to one of them gives. */
export interface PickleVocabulary {
  /** Python names that may appear, as `module.name`. */
  readonly globals: ReadonlySet<string>
  /** Describes `name(*args)`; @throws PickleRefusal. */
  call(name: string, args: readonly PickleValue[]): PickleValue
  /** Describes an object that is stored outside the pickle; @throws PickleRefusal. */
  loadPersistent(id: PickleValue): PickleValue
}

/** The one value that the pickle holds; @throws PickleRefusal, naming what it refused. */
export function readPickle(bytes: Uint8Array, vocabulary: PickleVocabulary): PickleValue {
  if (bytes.length > MAX_PICKLE_BYTES) {
    throw new PickleRefusal(
      `it is a pickle of ${bytes.length} bytes, more than ${MAX_PICKLE_BYTES}`,
    )
  }
  const machine = new PickleMachine(bytes, vocabulary)
  return machine.run()
}

class PickleMachine {
  readonly #input: PickleInput
  readonly #vocabulary: PickleVocabulary
  readonly #stack: PickleValue[] = []
  /** Stack heights at each open MARK. */
  readonly #marks: number[] = []
  readonly #memo = new Map<number, PickleValue>()

  constructor(bytes: Uint8Array, vocabulary: PickleVocabulary) {
    this.#input = new PickleInput(bytes)
    this.#vocabulary = vocabulary
  }

  run(): PickleValue {
    this.#readProtocol()
    for (let turn = 0; turn < MAX_OPERATIONS; turn += 1) {
      const byte = this.#input.readByte()
      const opcode = findOpcode(byte)
      if (opcode === undefined) {
        throw new PickleRefusal(
          `it uses the pickle opcode ${describeOpcode(byte)}, which is not read`,
        )
      }
      if (opcode === 'STOP') return this.#finish()
      this.#follow(opcode)
    }
    throw new PickleRefusal(`it takes more than ${MAX_OPERATIONS} pickle operations`)
  }

  #readProtocol(): void {
    const opcode = this.#input.readByte()
    const protocol = this.#input.readByte()
    const isKnown = protocol >= PROTOCOLS.first && protocol <= PROTOCOLS.last
    if (findOpcode(opcode) !== 'PROTO' || !isKnown) {
      throw new PickleRefusal(
        `it does not begin as a pickle of protocol ${PROTOCOLS.first} to ${PROTOCOLS.last}`,
      )
    }
  }

  #finish(): PickleValue {
    const value = this.#pop()
    if (this.#stack.length > 0 || this.#marks.length > 0) {
      throw new PickleRefusal('it leaves values behind at the end of its pickle')
    }
    if (this.#input.remaining > 0) {
      throw new PickleRefusal(`it has ${this.#input.remaining} bytes after its pickle`)
    }
    return value
  }

  #follow(opcode: Exclude<OpcodeName, 'STOP'>): void {
    switch (opcode) {
      case 'PROTO':
        throw new PickleRefusal('it holds a second pickle inside its pickle')
      case 'FRAME':
        this.#readFrame()
        return
      case 'MARK':
        if (this.#marks.length >= MAX_MARKS) {
          throw new PickleRefusal(`it nests its pickle deeper than ${MAX_MARKS}`)
        }
        this.#marks.push(this.#stack.length)
        return
      case 'NONE':
        this.#stack.push(null)
        return
      case 'NEWTRUE':
        this.#stack.push(true)
        return
      case 'NEWFALSE':
        this.#stack.push(false)
        return
      case 'BININT':
        this.#stack.push(this.#input.readInt32())
        return
      case 'BININT1':
        this.#stack.push(this.#input.readByte())
        return
      case 'BININT2':
        this.#stack.push(this.#input.readUint16())
        return
      case 'LONG1':
        this.#stack.push(this.#input.readInteger(this.#input.readByte()))
        return
      case 'BINFLOAT':
        this.#stack.push(this.#input.readFloat64())
        return
      case 'BINUNICODE':
        this.#stack.push(this.#input.readText(this.#input.readUint32()))
        return
      case 'SHORT_BINUNICODE':
        this.#stack.push(this.#input.readText(this.#input.readByte()))
        return
      case 'EMPTY_TUPLE':
        this.#stack.push({ kind: 'tuple', items: [] })
        return
      case 'TUPLE':
        this.#pushTuple(this.#popMarked())
        return
      case 'TUPLE1':
        this.#pushTuple([this.#pop()])
        return
      case 'TUPLE2':
        this.#pushTuple(this.#popPair())
        return
      case 'TUPLE3':
        this.#pushTriple()
        return
      case 'EMPTY_LIST':
        this.#stack.push({ kind: 'list', items: [] })
        return
      case 'APPEND':
        this.#append([this.#pop()])
        return
      case 'APPENDS':
        this.#append(this.#popMarked())
        return
      case 'EMPTY_DICT':
        this.#stack.push({ kind: 'dict', ordered: false, entries: new Map() })
        return
      case 'SETITEM':
        this.#setItems(this.#popPair())
        return
      case 'SETITEMS':
        this.#setItems(this.#popMarked())
        return
      case 'BINPUT':
        this.#memo.set(this.#input.readByte(), this.#top())
        return
      case 'LONG_BINPUT':
        this.#memo.set(this.#input.readUint32(), this.#top())
        return
      case 'MEMOIZE':
        this.#memo.set(this.#memo.size, this.#top())
        return
      case 'BINGET':
        this.#recall(this.#input.readByte())
        return
      case 'LONG_BINGET':
        this.#recall(this.#input.readUint32())
        return
      case 'GLOBAL':
        this.#pushGlobal(this.#input.readLine(), this.#input.readLine())
        return
      case 'STACK_GLOBAL': {
        const [module, name] = this.#popPair()
        if (typeof module !== 'string' || typeof name !== 'string') {
          throw new PickleRefusal('it names a Python global by something else than two strings')
        }
        this.#pushGlobal(module, name)
        return
      }
      case 'REDUCE':
        this.#reduce()
        return
      case 'BUILD':
        this.#build()
        return
      case 'BINPERSID':
        this.#stack.push(this.#vocabulary.loadPersistent(this.#pop()))
    }
  }

  /** Frames only help a reader to prefetch; they must not reach past the end. */
  #readFrame(): void {
    const length = this.#input.readUint64()
    if (length > BigInt(this.#input.remaining)) {
      throw new PickleRefusal(`it announces a pickle frame of ${length} bytes and ends before`)
    }
  }

  #pushGlobal(module: string, name: string): void {
    const full = `${module}.${name}`
    if (!this.#vocabulary.globals.has(full)) {
      throw new PickleRefusal(`it refers to the Python global ${quote(full)}, which is not allowed`)
    }
    this.#stack.push({ kind: 'global', name: full })
  }

  #reduce(): void {
    const [callee, args] = this.#popPair()
    if (!isTuple(args)) {
      throw new PickleRefusal('it calls something without a tuple of arguments')
    }
    if (!isGlobal(callee)) {
      throw new PickleRefusal(`it calls ${describePickleValue(callee)}, which is not a function`)
    }
    this.#stack.push(this.#vocabulary.call(callee.name, args.items))
  }

  /** torch.save attaches `_metadata` to the OrderedDict of a module's parameters; nothing needs it. */
  #build(): void {
    const [target, state] = this.#popPair()
    if (!isDict(target) || !target.ordered || !isDict(state)) {
      throw new PickleRefusal(
        `it sets the state of ${describePickleValue(target)}; only that of an OrderedDict is read`,
      )
    }
    this.#stack.push(target)
  }

  #append(values: readonly PickleValue[]): void {
    const list = this.#top()
    if (!isList(list)) {
      throw new PickleRefusal(`it appends to ${describePickleValue(list)} instead of a list`)
    }
    for (const value of values) list.items.push(value)
  }

  #setItems(values: readonly PickleValue[]): void {
    const dict = this.#top()
    if (!isDict(dict)) {
      throw new PickleRefusal(`it sets items of ${describePickleValue(dict)} instead of a dict`)
    }
    if (values.length % 2 !== 0) throw new PickleRefusal('it sets a dict item without a value')
    for (let index = 0; index < values.length; index += 2) {
      const key = values[index]
      const value = values[index + 1]
      if ((typeof key !== 'string' && typeof key !== 'number') || value === undefined) {
        throw new PickleRefusal('it uses a dict key that is neither a string nor a number')
      }
      if (dict.entries.has(key)) throw new PickleRefusal(`it sets the dict key ${quote(key)} twice`)
      dict.entries.set(key, value)
    }
  }

  #recall(index: number): void {
    const value = this.#memo.get(index)
    if (value === undefined)
      throw new PickleRefusal(`it recalls memo ${index}, which was never set`)
    this.#stack.push(value)
  }

  #pushTuple(items: readonly PickleValue[]): void {
    this.#stack.push({ kind: 'tuple', items })
  }

  #pushTriple(): void {
    const last = this.#pop()
    this.#pushTuple([...this.#popPair(), last])
  }

  /** The value pushed before the newest one, and the newest. */
  #popPair(): readonly [PickleValue, PickleValue] {
    const second = this.#pop()
    return [this.#pop(), second]
  }

  #pop(): PickleValue {
    const value = this.#top()
    this.#stack.length -= 1
    return value
  }

  /** Values below the newest MARK belong to whatever closes it: until then they are out of reach. */
  #top(): PickleValue {
    const value = this.#stack.at(-1)
    if (value === undefined || this.#stack.length <= (this.#marks.at(-1) ?? 0)) {
      throw new PickleRefusal('it takes more values from its pickle stack than there are')
    }
    return value
  }

  #popMarked(): PickleValue[] {
    const height = this.#marks.pop()
    if (height === undefined) throw new PickleRefusal('it closes a pickle mark that was never set')
    return this.#stack.splice(height)
  }
}

/** Names come from the file: they are shortened and cannot break a log line. */
function quote(value: string | number): string {
  return JSON.stringify(typeof value === 'string' ? value.slice(0, 100) : value)
}

function isTuple(value: PickleValue): value is Extract<PickleValue, { kind: 'tuple' }> {
  return typeof value === 'object' && value !== null && value.kind === 'tuple'
}

function isGlobal(value: PickleValue): value is Extract<PickleValue, { kind: 'global' }> {
  return typeof value === 'object' && value !== null && value.kind === 'global'
}

function isList(value: PickleValue): value is PickleList {
  return typeof value === 'object' && value !== null && value.kind === 'list'
}

function isDict(value: PickleValue): value is PickleDict {
  return typeof value === 'object' && value !== null && value.kind === 'dict'
}
