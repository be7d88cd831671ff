import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { FlocapError } from '../base/errors.ts'
import * as pickle from '../../test/support/pickle-writer.ts'
import { writeZip } from '../../test/support/zip-writer.ts'
import { openTorchZip } from './torch-zip.ts'

const FIXTURES = new URL('fixtures/torch-zip/', import.meta.url)

const expectedSchema = z.record(
  z.string(),
  z.object({ dtype: z.string(), shape: z.array(z.number()), hex: z.string() }),
)

/** Fixtures with the tensors that PyTorch reads from them beside. */
const READABLE = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flocap-torch-zip-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function fixture(name: string): string {
  return new URL(`${name}.bin`, FIXTURES).pathname
}

function writeFile(bytes: Uint8Array): string {
  const path = join(folder, 'pytorch_model.bin')
  writeFileSync(path, bytes)
  return path
}

/** An archive as torch.save writes it, around a given pickle. */
function archiveOf(data: Uint8Array, storages: Readonly<Record<string, Uint8Array>> = {}): Buffer {
  return writeZip(
    [
      { name: 'archive/data.pkl', data },
      { name: 'archive/byteorder', data: Buffer.from('little') },
      ...Object.entries(storages).map(([key, bytes]) => ({
        name: `archive/data/${key}`,
        data: bytes,
      })),
      { name: 'archive/version', data: Buffer.from('3\n') },
    ],
    { sizesFollow: true },
  ).bytes
}

function refusalOf(path: string): FlocapError {
  try {
    openTorchZip(path).close()
  } catch (error) {
    if (error instanceof FlocapError) return error
    throw error
  }
  throw new Error('the file was not refused')
}

describe('reading what PyTorch writes', () => {
  it('has fixtures to read', () => {
    expect(READABLE).toContain('module')
    expect(READABLE.length).toBeGreaterThanOrEqual(11)
  })

  it.each(READABLE)('gives the tensors that torch.load gives for %s', (name) => {
    const json: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, FIXTURES), 'utf8'))
    const file = openTorchZip(fixture(name))
    const read = Object.fromEntries(
      [...file.tensors.values()].map((info) => [
        info.name,
        {
          dtype: info.dtype,
          shape: info.shape,
          hex: Buffer.from(file.read(info.name)).toString('hex'),
        },
      ]),
    )
    file.close()
    expect(read).toEqual(expectedSchema.parse(json))
  })

  it('keeps the order of the state dict', () => {
    const file = openTorchZip(fixture('views'))
    expect([...file.tensors.keys()].slice(0, 3)).toEqual(['whole', 'middle', 'rows'])
    file.close()
  })

  it('hands out memory of its own for tensors that share a storage', () => {
    const file = openTorchZip(fixture('module'))
    file.read('shared.weight').fill(0)
    expect(Buffer.from(file.read('lm_head.weight')).some((byte) => byte !== 0)).toBe(true)
    file.close()
  })

  it('gives bytes that typed arrays can look at directly', () => {
    const file = openTorchZip(fixture('dtypes'))
    for (const name of file.tensors.keys()) expect(file.read(name).byteOffset).toBe(0)
    file.close()
  })

  it('says which tensor it does not have', () => {
    const file = openTorchZip(fixture('module'))
    expect(() => file.read('lm_head.bias')).toThrow(/no tensor lm_head\.bias/)
    file.close()
  })
})

describe('refusing what is not a file of weights', () => {
  it.each([
    ['legacy', /before PyTorch 1\.6/],
    ['torchscript', /TorchScript/],
    ['nested', /holds a dict under the key "state_dict"/],
    ['whole-module', /"torch\.nn\.modules\.linear\.Linear"/],
    ['bool', /"torch\.BoolStorage"/],
    ['expanded', /in a storage of 1 elements/],
    ['numpy', /numpy/],
  ])('refuses %s.bin and says why', (name, reason) => {
    const error = refusalOf(fixture(name))
    expect(error.code).toBe('invalid_model')
    expect(error.message).toMatch(reason)
    expect(error.subject).toBe(`${name}.bin`)
    expect(error.hint).toBeTruthy()
  })

  it.each([
    ['an empty file', '', /not a zip archive/],
    ['a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\noid', /Git LFS pointer/],
    ['a web page', '\n<!DOCTYPE html><html>', /web page/],
    ['a safetensors file', '\u0010\0\0\0\0\0\0\0{"weight":{', /safetensors/],
    ['other bytes', 'GGUF and more', /not a zip archive/],
  ])('says what it is: %s', (_, content, reason) => {
    expect(refusalOf(writeFile(Buffer.from(content, 'latin1'))).message).toMatch(reason)
  })

  it('says that there is no file', () => {
    const error = refusalOf(join(folder, 'absent.bin'))
    expect(error.code).toBe('model_not_found')
    expect(error.message).toContain('absent.bin')
  })

  it('refuses a file of the other byte order', () => {
    const bytes = writeZip([
      { name: 'a/data.pkl', data: pickle.pickleOf(pickle.dict({})) },
      { name: 'a/byteorder', data: Buffer.from('big') },
    ]).bytes
    expect(refusalOf(writeFile(bytes)).message).toMatch(/byte order is "big"/)
  })

  it('refuses an archive with two pickles', () => {
    const data = pickle.pickleOf(pickle.dict({}))
    const bytes = writeZip([
      { name: 'a/data.pkl', data },
      { name: 'b/data.pkl', data },
    ]).bytes
    expect(refusalOf(writeFile(bytes)).message).toMatch(/not one that torch\.save wrote/)
  })

  it.each([
    ['no storage', {}, /for which the archive has no bytes/],
    ['a storage that is too short', { 0: new Uint8Array(20) }, /has 20 bytes/],
    ['a storage that is too long', { 0: new Uint8Array(28) }, /has 28 bytes/],
  ])('refuses a tensor with %s', (_, storages, reason) => {
    const data = pickle.pickleOf(
      pickle.dict({ weight: pickle.tensor({ length: 6, shape: [2, 3], strides: [3, 1] }) }),
    )
    expect(refusalOf(writeFile(archiveOf(data, storages))).message).toMatch(reason)
  })

  it('refuses a small file cut after any of its bytes', () => {
    const whole = readFileSync(fixture('parameters'))
    for (let length = 0; length < whole.length; length += 1) {
      const error = refusalOf(writeFile(whole.subarray(0, length)))
      expect(error.code, `cut after ${length} bytes`).toBe('invalid_model')
    }
  })

  it('never fails in another way when a byte is changed, and never reads outside its file', () => {
    const whole = readFileSync(fixture('parameters'))
    let refused = 0
    for (let at = 0; at < whole.length; at += 1) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const damaged = Uint8Array.from(whole)
        damaged[at] = (damaged[at] ?? 0) ^ flip
        const path = writeFile(damaged)
        try {
          const file = openTorchZip(path)
          for (const name of file.tensors.keys()) file.read(name)
          file.close()
        } catch (error) {
          if (!(error instanceof FlocapError)) throw error
          refused += 1
        }
      }
    }
    expect(refused).toBeGreaterThan(whole.length)
  })
})
