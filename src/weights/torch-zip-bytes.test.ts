import { closeSync, openSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { type ByteSource, createByteSource } from './torch-zip-bytes.ts'

function open(content: string): { readonly source: ByteSource; readonly path: string } {
  const path = join(temporaryFolder(), 'pytorch_model.bin')
  writeFileSync(path, content)
  const file = openSync(path, 'r')
  onTestFinished(() => closeSync(file))
  return { source: createByteSource(file, 'pytorch_model.bin'), path }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

describe('the bytes of a file', () => {
  it('are read from where they are asked for, to the last one', () => {
    const { source } = open('0123456789')
    expect(source.size).toBe(10)
    expect(text(source.read(0, 10))).toBe('0123456789')
    expect(text(source.read(7, 3))).toBe('789')
    expect(source.read(10, 0)).toHaveLength(0)
  })

  it.each([
    [8, 3],
    [11, 0],
    [-1, 2],
    [0, 11],
  ])('are refused beyond its end: from %d, %d', (offset, length) => {
    expect(() => open('0123456789').source.read(offset, length)).toThrow('it ends before')
  })

  it('are refused when the file becomes shorter while it is read', () => {
    const { source, path } = open('0123456789')
    truncateSync(path, 4)
    expect(() => source.read(0, 10)).toThrow('it became shorter while it was read')
    expect(text(source.read(0, 4))).toBe('0123')
  })
})
