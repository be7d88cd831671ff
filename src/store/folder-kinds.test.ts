import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { caughtError } from '../../test/support/caught-error.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { isPointer } from './folder-kinds.ts'
import { requireFolder } from './inspect.ts'

const CONFIG = ['config.json', 'tokenizer.json', 'preprocessor_config.json']
const POINTER = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 463221266\n'

async function fill(folder: string, files: readonly string[], content = '{}'): Promise<string> {
  await mkdir(folder, { recursive: true })
  for (const file of files) await writeFile(join(folder, file), content)
  return folder
}

describe('requireFolder', () => {
  it.each([
    ['ONNX', [...CONFIG, 'vision_encoder.onnx']],
    ['GGUF', ['florence2-base-q8_0.gguf']],
    ['MLX', [...CONFIG, 'weights.npz']],
    ['Core ML', ['decoder.mlpackage']],
    ['Flax', [...CONFIG, 'flax_model.msgpack']],
    ['TensorFlow', [...CONFIG, 'tf_model.h5']],
    ['LoRA adapter', ['adapter_config.json', 'adapter_model.safetensors']],
    ['a training', ['config.json', 'model.safetensors', 'trainer_state.json']],
    ['DeepSpeed', ['config.json', 'zero_to_fp32.py']],
    ['another name', [...CONFIG, 'florence2.pth']],
    ['not ended', [...CONFIG, 'model.safetensors.incomplete']],
  ])('names what a folder is: %s', async (kind, files) => {
    const path = await fill(join(temporaryFolder(), 'model'), files)
    const error = await caughtError(() => requireFolder({ kind: 'folder', path }, 'model'))
    expect(error.code).toBe('invalid_model')
    expect(error.message).toContain(kind)
    expect(error.hint).toBeTruthy()
  })

  it('tells how an adapter is given', async () => {
    const path = await fill(join(temporaryFolder(), 'tuned'), ['adapter_config.json'])
    const error = await caughtError(() => requireFolder({ kind: 'folder', path }, 'model'))
    expect(error.hint).toContain(`--adapter ${path}`)
  })

  it('knows a Git LFS pointer, and what fetches the content', async () => {
    const path = await fill(join(temporaryFolder(), 'clone'), CONFIG)
    await fill(path, ['model.safetensors'], POINTER)
    const error = await caughtError(() => requireFolder({ kind: 'folder', path }, 'model'))
    expect(error.message).toContain('model.safetensors is a Git LFS pointer')
    expect(error.hint).toContain('git lfs pull')
  })
})

describe('isPointer', () => {
  const BEGINNING = 'version https://git-lfs.github.com/spec/v1'
  it.each([
    ['a pointer', POINTER, true],
    ['its beginning alone', BEGINNING, true],
    ['less than that', BEGINNING.slice(0, -1), false],
    ['a pointer of a kilobyte', POINTER.padEnd(1024), true],
    ['what is longer than pointers are', POINTER.padEnd(1025), false],
    ['a small file', '{"model_type": "florence2", "hidden_size": 64 }', false],
  ])('of %s', async (_name, content, expected) => {
    const path = join(await fill(join(temporaryFolder(), 'clone'), ['file'], content), 'file')
    expect(await isPointer(path, content.length)).toBe(expected)
  })
})

describe("a folder of the Hub's cache", () => {
  const COMMIT = 'a'.repeat(40)
  const OTHER = 'b'.repeat(40)

  async function cache(): Promise<{ folder: string; snapshot: string }> {
    const folder = join(temporaryFolder(), 'models--microsoft--Florence-2-base')
    const snapshot = join(folder, 'snapshots', COMMIT)
    await fill(join(folder, 'blobs'), ['0', '1', '2', '3'])
    await mkdir(snapshot, { recursive: true })
    for (const [i, file] of [...CONFIG, 'model.safetensors'].entries()) {
      await symlink(join('..', '..', 'blobs', String(i)), join(snapshot, file))
    }
    return { folder, snapshot }
  }

  it('is the snapshot of main', async () => {
    const { folder, snapshot } = await cache()
    await fill(join(folder, 'snapshots', OTHER), CONFIG)
    await fill(join(folder, 'refs'), ['main'], `${COMMIT}\n`)
    const model = await requireFolder({ kind: 'folder', path: folder })
    expect(model.folder).toBe(snapshot)
    expect(model.files.map(({ path }) => path)).toContain('model.safetensors')
  })

  it('is the newest snapshot where there is no main', async () => {
    const { folder, snapshot } = await cache()
    await utimes(snapshot, 2_000_000_000, 2_000_000_000)
    await fill(join(folder, 'snapshots', OTHER), CONFIG)
    expect((await requireFolder({ kind: 'folder', path: folder })).folder).toBe(snapshot)
  })

  it('is not one while its download has not ended', async () => {
    const { folder } = await cache()
    await fill(join(folder, 'refs'), ['main'], OTHER)
    await fill(join(folder, 'snapshots', OTHER), CONFIG)
    await fill(join(folder, 'blobs'), ['4.incomplete'])
    const error = await caughtError(() => requireFolder({ kind: 'folder', path: folder }))
    expect(error.message).toContain('not ended')
  })
})
