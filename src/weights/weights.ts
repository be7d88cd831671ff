// Scoped reading of a checkpoint: the code that builds a layer states the name and the shape it
// expects, and whatever nobody asked for is reported at the end.
import { FlocapError } from '../base/errors.ts'
import { assertFloats, readTensor } from './read-tensor.ts'
import type { TensorFile, TensorInfo } from './tensor-file.ts'

/** A checkpoint under one prefix. `at()` narrows the prefix, `read()` takes a tensor. */
export interface Weights {
  /** The prefix, such as `vision_tower.blocks.0`; empty at the top. */
  readonly path: string
  at(name: string | number): Weights
  has(name: string): boolean
  /**
   * The tensor as float32, row-major.
   *
   * @throws FlocapError `invalid_model` naming the tensor, the expected and the found shape.
   */
  read(name: string, shape: readonly number[]): Float32Array
  /** The stored shape, for sizes that no configuration states, such as the vocabulary. */
  shapeOf(name: string): readonly number[]
}

export interface Checkpoint {
  readonly weights: Weights
  /** Names nobody has read or allowed so far, sorted. */
  unread(): readonly string[]
  /** Tensors of two or more dimensions that were read and hold nothing but zeros, and of how many. */
  zeroTensors(): { readonly tensors: readonly string[]; readonly of: number }
  /** Elements of all tensors that were read. */
  parameters(): number
  close(): void
}

interface Entry {
  readonly file: TensorFile
  readonly info: TensorInfo
}

/** What an adapter makes of a checkpoint. */
export interface Overlay {
  /** Tensors in the place of others, or new ones. */
  readonly entries: ReadonlyMap<string, Entry>
  /** The values of a tensor as they should be. */
  change(name: string, values: Float32Array, shape: readonly number[]): Float32Array
}

/**
 * One or several files as one checkpoint.
 *
 * @param rename the name under which a tensor is looked up, for a name found in the files: layouts
 *   that call the same tensor differently become one. Returning null ignores the tensor.
 * @param overlayOn what lies over the tensors of the files, which it is shown
 */
export function createCheckpoint(
  files: readonly TensorFile[],
  rename: (stored: string) => string | null = (stored) => stored,
  overlayOn?: (entries: ReadonlyMap<string, Entry>) => Overlay,
): Checkpoint {
  const entries = new Map<string, Entry>()
  for (const file of files) {
    for (const info of file.tensors.values()) {
      const name = rename(info.name)
      if (name !== null) entries.set(name, { file, info })
    }
  }
  const overlay = overlayOn?.(entries)
  for (const [name, entry] of overlay?.entries ?? []) entries.set(name, entry)
  const change: Overlay['change'] = (name, values, shape) =>
    overlay ? overlay.change(name, values, shape) : values
  const read = new Set<string>()
  const zeros = new Set<string>()

  function find(name: string): Entry {
    const entry = entries.get(name)
    if (entry) return entry
    throw new FlocapError('invalid_model', `The checkpoint has no tensor ${name}.`, {
      subject: name,
      hint: 'The weights are incomplete, or they are not of a Florence-2 model.',
    })
  }

  function scope(path: string): Weights {
    const full = (name: string | number): string => (path === '' ? `${name}` : `${path}.${name}`)
    return {
      path,
      at: (name) => scope(full(name)),
      has: (name) => entries.has(full(name)),
      shapeOf: (name) => find(full(name)).info.shape,
      read(name, shape) {
        const { file, info } = find(full(name))
        // Before the shape: packed weights have another one, which would say less.
        assertFloats(info)
        if (shape.length !== info.shape.length || shape.some((dim, i) => dim !== info.shape[i])) {
          throw new FlocapError(
            'invalid_model',
            `Tensor ${info.name} has shape [${info.shape.join(', ')}], ` +
              `the configuration asks for [${shape.join(', ')}].`,
            { subject: info.name, hint: 'config.json and the weights are not of the same model.' },
          )
        }
        read.add(full(name))
        const values = change(full(name), readTensor(file, info), shape)
        assertFinite(values, info)
        if (shape.length >= 2 && values.every((value) => value === 0)) zeros.add(info.name)
        return values
      },
    }
  }

  return {
    weights: scope(''),
    unread: () => [...entries.keys()].filter((name) => !read.has(name)).toSorted(),
    zeroTensors: () => ({
      tensors: [...zeros].toSorted(),
      of: [...read].filter((name) => find(name).info.shape.length >= 2).length,
    }),
    parameters: () =>
      [...read].reduce((total, name) => total + elementsOf(find(name).info.shape), 0),
    close: () => {
      for (const file of files) file.close()
    },
  }
}

/** A NaN or an infinity in one tensor makes every answer nonsense, so it is found where it is. */
function assertFinite(values: Float32Array, { name }: TensorInfo): void {
  for (let i = 0; i < values.length; i += 1) {
    if (Number.isFinite(values[i])) continue
    throw new FlocapError(
      'invalid_model',
      `Tensor ${name} holds ${values[i]} (element ${i} of ${values.length}); weights must be finite.`,
      { subject: name, hint: 'The file is damaged, or training it went wrong: fetch it again.' },
    )
  }
}

function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1)
}
