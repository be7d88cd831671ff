// The Python names that a state dict may use, and what each of them describes.
//
// The table is the whole of it: a name that is not here is refused before anything is made of it.
//
// Source: torch/_utils.py and torch/serialization.py of PyTorch 2.x (`_rebuild_tensor_v2`,
// `_rebuild_parameter`, the persistent ids of `torch.save`).
import type { PickleVocabulary } from './torch-zip-pickle.ts'
import { PickleRefusal } from './torch-zip-pickle-input.ts'
import type { PickleValue, StorageReference, TensorReference } from './torch-zip-values.ts'
import { describePickleValue } from './torch-zip-values.ts'
import type { TensorDtype } from './tensor-file.ts'

/** PyTorch's storage classes that a tensor of ours can lie in. */
const STORAGE_DTYPES: ReadonlyMap<string, TensorDtype> = new Map([
  ['torch.HalfStorage', 'F16'],
  ['torch.BFloat16Storage', 'BF16'],
  ['torch.FloatStorage', 'F32'],
  ['torch.DoubleStorage', 'F64'],
  ['torch.IntStorage', 'I32'],
  ['torch.LongStorage', 'I64'],
  ['torch.ByteStorage', 'U8'],
])

const ORDERED_DICT = 'collections.OrderedDict'
const REBUILD_TENSOR = 'torch._utils._rebuild_tensor_v2'
const REBUILD_PARAMETER = 'torch._utils._rebuild_parameter'

/** PyTorch itself allows more; weights have at most four. */
const MAX_DIMENSIONS = 8
/** Storages are numbered from 0. */
const STORAGE_KEY = /^(0|[1-9]\d{0,8})$/

/** What opening a state dict may refer to; keeps the storages it met consistent with each other. */
export function createTorchVocabulary(): PickleVocabulary {
  const storages = new Map<string, StorageReference>()
  return {
    globals: new Set([ORDERED_DICT, REBUILD_TENSOR, REBUILD_PARAMETER, ...STORAGE_DTYPES.keys()]),
    call: (name, args) => {
      if (name === ORDERED_DICT) return createOrderedDict(args)
      if (name === REBUILD_TENSOR) return describeTensor(args)
      if (name === REBUILD_PARAMETER) return describeParameter(args)
      throw new PickleRefusal(`it calls ${name}, which is not a function`)
    },
    loadPersistent: (id) => {
      const storage = describeStorage(id)
      const known = storages.get(storage.key)
      if (known === undefined) storages.set(storage.key, storage)
      else if (known.type !== storage.type || known.length !== storage.length) {
        throw new PickleRefusal(`it describes storage ${storage.key} in two ways`)
      }
      return known ?? storage
    },
  }
}

/** The element type of a storage class of the vocabulary. */
export function toTensorDtype(storage: StorageReference): TensorDtype {
  const dtype = STORAGE_DTYPES.get(storage.type)
  if (dtype === undefined) throw new PickleRefusal(`it has a storage of the class ${storage.type}`)
  return dtype
}

function createOrderedDict(args: readonly PickleValue[]): PickleValue {
  if (args.length > 0) throw new PickleRefusal(`it calls ${ORDERED_DICT} with arguments`)
  return { kind: 'dict', ordered: true, entries: new Map() }
}

/** `('storage', torch.FloatStorage, '12', 'cpu', 1024)`; the device does not matter here. */
function describeStorage(id: PickleValue): StorageReference {
  const items = isKind(id, 'tuple') ? id.items : []
  const [tag, type, key, device, length] = items
  if (
    items.length !== 5 ||
    tag !== 'storage' ||
    !isKind(type, 'global') ||
    !STORAGE_DTYPES.has(type.name) ||
    typeof key !== 'string' ||
    !STORAGE_KEY.test(key) ||
    typeof device !== 'string' ||
    !isCount(length)
  ) {
    throw new PickleRefusal('it refers to a stored object that is not a tensor storage')
  }
  return { kind: 'storage', key, type: type.name, length }
}

/** `(storage, offset, size, stride, requires_grad, backward_hooks[, metadata])` */
function describeTensor(args: readonly PickleValue[]): TensorReference {
  const [storage, offset, size, stride, requiresGrad, hooks] = args
  if (
    (args.length !== 6 && args.length !== 7) ||
    !isKind(storage, 'storage') ||
    !isCount(offset) ||
    typeof requiresGrad !== 'boolean' ||
    !isEmptyDict(hooks)
  ) {
    throw new PickleRefusal(
      `it calls ${REBUILD_TENSOR} with arguments that do not describe a tensor`,
    )
  }
  const shape = toCounts(size, 'size')
  const strides = toCounts(stride, 'stride')
  if (shape.length !== strides.length) {
    throw new PickleRefusal(
      `it has a tensor of ${shape.length} dimensions with ${strides.length} strides`,
    )
  }
  assertInside(storage, offset, shape, strides)
  return { kind: 'tensor', storage, offset, shape, strides }
}

/** `(data, requires_grad, backward_hooks)`: for reading weights, a parameter is its tensor. */
function describeParameter(args: readonly PickleValue[]): TensorReference {
  const [data, requiresGrad, hooks] = args
  if (
    args.length !== 3 ||
    !isKind(data, 'tensor') ||
    typeof requiresGrad !== 'boolean' ||
    !isEmptyDict(hooks)
  ) {
    throw new PickleRefusal(
      `it calls ${REBUILD_PARAMETER} with arguments that do not describe a parameter`,
    )
  }
  return data
}

/**
 * Every element lies in the storage, and there are no more of them than the storage has: a view
 * that repeats elements (`expand`) could otherwise turn four bytes into any amount of memory.
 */
function assertInside(
  storage: StorageReference,
  offset: number,
  shape: readonly number[],
  strides: readonly number[],
): void {
  let count = 1
  let last = offset
  for (const [axis, size] of shape.entries()) {
    count *= size
    last += (size - 1) * (strides[axis] ?? 0)
  }
  const fits = count === 0 ? offset <= storage.length : last < storage.length
  if (!Number.isSafeInteger(last) || count > storage.length || !fits) {
    throw new PickleRefusal(
      `it has a tensor of size ${JSON.stringify(shape)}, strides ${JSON.stringify(strides)} and ` +
        `offset ${offset} in a storage of ${storage.length} elements`,
    )
  }
}

function toCounts(value: PickleValue | undefined, what: string): readonly number[] {
  const items = isKind(value, 'tuple') ? value.items : undefined
  if (items === undefined || items.length > MAX_DIMENSIONS || !items.every(isCount)) {
    const got = value === undefined ? 'nothing' : describePickleValue(value)
    throw new PickleRefusal(
      `it has a tensor whose ${what} is ${got}, not up to ${MAX_DIMENSIONS} natural numbers`,
    )
  }
  return items
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isEmptyDict(value: PickleValue | undefined): boolean {
  return isKind(value, 'dict') && value.entries.size === 0
}

type PickleObject = Extract<PickleValue, { kind: string }>

/** Narrows a value to one kind of object. */
export function isKind<K extends PickleObject['kind']>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleObject, { kind: K }> {
  return typeof value === 'object' && value !== null && value.kind === kind
}
