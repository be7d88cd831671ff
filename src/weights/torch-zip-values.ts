// What a restricted unpickler can hold: plain data, names of Python globals, and descriptions of
// tensors. None of it can do anything.

export type PickleValue =
  | null
  | boolean
  | number
  | string
  | PickleTuple
  | PickleList
  | PickleDict
  | PickleGlobal
  | StorageReference
  | TensorReference

interface PickleTuple {
  readonly kind: 'tuple'
  readonly items: readonly PickleValue[]
}

export interface PickleList {
  readonly kind: 'list'
  readonly items: PickleValue[]
}

/** A dict or an OrderedDict: JavaScript's Map keeps the order for both. */
export interface PickleDict {
  readonly kind: 'dict'
  /** Made by calling `collections.OrderedDict`, the one object whose BUILD state is accepted. */
  readonly ordered: boolean
  readonly entries: Map<string | number, PickleValue>
}

/** A Python name of the allow-list; it stands for itself and is never looked up. */
interface PickleGlobal {
  readonly kind: 'global'
  readonly name: string
}

/** A flat array of the archive, `data/<key>`. */
export interface StorageReference {
  readonly kind: 'storage'
  readonly key: string
  /** The Python class, such as `torch.HalfStorage`. */
  readonly type: string
  /** Elements, not bytes. */
  readonly length: number
}

/** A view of a storage: offset and strides count elements, outermost dimension first. */
export interface TensorReference {
  readonly kind: 'tensor'
  readonly storage: StorageReference
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
}

/** How messages call a value: by its kind, and by its name where it is a global. */
export function describePickleValue(value: PickleValue): string {
  if (value === null) return 'None'
  if (typeof value !== 'object') return `a ${typeof value}`
  return value.kind === 'global' ? value.name : `a ${value.kind}`
}
