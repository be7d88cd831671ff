// `pytorch_model.bin` without Python: reads the tensors of a state dict and runs nothing.
//
// The first Florence-2 weights were published only in this form. The file is a zip archive with
// one pickle (`data.pkl`: which tensor is where) and one entry of raw bytes for each storage.
// A pickle is a program, so it is read by a machine that cannot act (torch-zip-pickle.ts) and that
// knows the few names a state dict needs (torch-zip-vocabulary.ts).
//
// Source: torch/serialization.py of PyTorch 2.x; caffe2/serialize/inline_container.cc.
import { closeSync, openSync } from 'node:fs'
import { basename } from 'node:path'
import { FlocapError } from '../base/errors.ts'
import { BYTES_PER_ELEMENT, type TensorFile, type TensorInfo } from './tensor-file.ts'
import { type ByteSource, createByteSource, refuseFile } from './torch-zip-bytes.ts'
import { readZipDirectory, type ZipEntry } from './torch-zip-directory.ts'
import { PickleRefusal } from './torch-zip-pickle-input.ts'
import { MAX_PICKLE_BYTES, readPickle } from './torch-zip-pickle.ts'
import { countElements, countSpan, isContiguous, toContiguous } from './torch-zip-strides.ts'
import { describePickleValue, type PickleValue, type TensorReference } from './torch-zip-values.ts'
import { createTorchVocabulary, isKind, toTensorDtype } from './torch-zip-vocabulary.ts'

/** Enough of the file to tell what it is when it is not a zip archive. */
const SNIFFED_BYTES = 64

const CONVERT_HINT =
  'Convert it once with PyTorch: ' +
  'safetensors.torch.save_file(torch.load(path, weights_only=True), "model.safetensors").'

interface LocatedTensor extends TensorInfo {
  readonly view: TensorReference
  readonly storage: ZipEntry
}

/**
 * Opens a state dict that `torch.save` wrote (PyTorch >= 1.6, its zip format).
 *
 * @throws FlocapError `model_not_found` when the file cannot be opened; `invalid_model` when it is
 *   damaged, of another format, or holds anything but a flat dict of tensors.
 */
export function openTorchZip(path: string): TensorFile {
  const file = openFile(path)
  try {
    const source = createByteSource(file, basename(path))
    assertZip(source)
    const tensors = readStateDict(source)
    return {
      tensors,
      read(name) {
        const tensor = tensors.get(name)
        if (!tensor) throw refuseFile(source, `it has no tensor ${name}`)
        return readTensor(source, tensor)
      },
      close: () => closeSync(file),
    }
  } catch (error) {
    closeSync(file)
    throw error
  }
}

function readTensor(source: ByteSource, { dtype, view, storage }: LocatedTensor): Uint8Array {
  const elementBytes = BYTES_PER_ELEMENT[dtype]
  const span = source.read(
    storage.offset + view.offset * elementBytes,
    countSpan(view) * elementBytes,
  )
  const isReady = countElements(view.shape) === 0 || isContiguous(view)
  return isReady ? span : toContiguous(span, view, elementBytes)
}

function readStateDict(source: ByteSource): ReadonlyMap<string, LocatedTensor> {
  const entries = readZipDirectory(source)
  const folder = findArchiveFolder(source, entries)
  assertLittleEndian(source, entries.get(`${folder}/byteorder`))
  const state = readState(source, entries.get(`${folder}/data.pkl`))
  if (!isKind(state, 'dict')) {
    throw refuseFile(source, `it holds ${describePickleValue(state)} instead of a state dict`)
  }
  const tensors = new Map<string, LocatedTensor>()
  for (const [name, view] of state.entries) {
    if (typeof name !== 'string' || !isKind(view, 'tensor')) {
      throw refuseFile(
        source,
        `it holds ${describePickleValue(view)} under the key ${JSON.stringify(name)}, ` +
          'where a state dict has a tensor',
        { hint: 'Save model.state_dict() by itself, not inside another dict.' },
      )
    }
    const storage = entries.get(`${folder}/data/${view.storage.key}`)
    const dtype = toTensorDtype(view.storage)
    if (storage?.size !== view.storage.length * BYTES_PER_ELEMENT[dtype]) {
      throw refuseFile(
        source,
        `tensor ${name} lies in a storage of ${view.storage.length} ${dtype} elements, ` +
          `for which the archive has ${storage?.size ?? 'no'} bytes`,
      )
    }
    tensors.set(name, { name, dtype, shape: view.shape, view, storage })
  }
  return tensors
}

function readState(source: ByteSource, entry: ZipEntry | undefined): PickleValue {
  if (!entry) throw refuseFile(source, 'it has no data.pkl')
  if (entry.size > MAX_PICKLE_BYTES) {
    throw refuseFile(source, `its data.pkl has ${entry.size} bytes, the limit ${MAX_PICKLE_BYTES}`)
  }
  const bytes = source.read(entry.offset, entry.size)
  try {
    return readPickle(bytes, createTorchVocabulary())
  } catch (error) {
    if (!(error instanceof PickleRefusal)) throw error
    throw refuseFile(source, error.message, {
      hint:
        'Only weights are read from PyTorch files, and nothing in them is ever run. ' +
        `If you trust the file: ${CONVERT_HINT}`,
      cause: error,
    })
  }
}

/** All entries lie in one folder, which is named after the file that was first written. */
function findArchiveFolder(source: ByteSource, entries: ReadonlyMap<string, ZipEntry>): string {
  const pickles = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name))
  const folder = pickles[0]?.slice(0, -'/data.pkl'.length)
  if (folder === undefined || pickles.length > 1) {
    throw refuseFile(source, 'it is a zip archive, but not one that torch.save wrote')
  }
  if (entries.has(`${folder}/constants.pkl`)) {
    throw refuseFile(source, 'it is a TorchScript program, not a file of weights', {
      hint: 'Save the state_dict() of the model instead.',
    })
  }
  const packed = [...entries.values()].find((entry) => entry.isCompressed)
  if (packed) {
    throw refuseFile(source, `its entry ${packed.name} is compressed; torch.save stores it plain`, {
      hint: 'It was packed anew by another program: fetch the original file.',
    })
  }
  return folder
}

function assertLittleEndian(source: ByteSource, entry: ZipEntry | undefined): void {
  // Older versions do not say; their files are little-endian unless written on a rare machine.
  if (!entry) return
  const order = new TextDecoder().decode(source.read(entry.offset, Math.min(entry.size, 16)))
  if (order !== 'little') throw refuseFile(source, `its byte order is ${JSON.stringify(order)}`)
}

/** Says what the file is when it is none of ours: each of these gets saved under this name. */
function assertZip(source: ByteSource): void {
  const start = source.read(0, Math.min(source.size, SNIFFED_BYTES))
  const text = new TextDecoder('latin1').decode(start)
  if (text.startsWith('PK\u0003\u0004')) return
  if (text.startsWith('version https://git-lfs')) {
    throw refuseFile(source, 'it is a Git LFS pointer, not the weights', {
      hint: 'Run `git lfs pull` where you cloned it.',
    })
  }
  if (/^\s*<(?:!doctype|html)/i.test(text)) {
    throw refuseFile(source, 'it is a web page', {
      hint: 'Download the file itself: its "resolve" link, not its "blob" page.',
    })
  }
  if (start[0] === 0x80) {
    throw refuseFile(source, 'it is in the format before PyTorch 1.6', { hint: CONVERT_HINT })
  }
  if (text.startsWith('{', 8)) {
    throw refuseFile(source, 'it is a safetensors file', {
      hint: 'Rename it to model.safetensors.',
    })
  }
  throw refuseFile(source, 'it is not a zip archive')
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw new FlocapError('model_not_found', `${basename(path)} cannot be opened.`, {
      subject: basename(path),
      hint: 'Look whether the file exists and may be read.',
      cause: error,
    })
  }
}
