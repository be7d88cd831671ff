import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { limitWasmMemory } from './memory-maximum.ts'

const PAGE = 65_536

/** A module with one memory of `minimum` pages, exported, and perhaps a maximum. */
function moduleWithMemory(minimum: number, maximum?: number): Uint8Array {
  const limits = maximum === undefined ? [0, minimum] : [1, minimum, maximum]
  const parts = [
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    [5, 1 + limits.length, 1, ...limits],
    [7, 5, 1, 1, 0x6d, 2, 0], // exports the memory as "m"
  ]
  return Uint8Array.from(parts.flat())
}

interface Memory {
  grow(pages: number): number
}

declare const WebAssembly: {
  validate(module: Uint8Array): boolean
  Module: new (module: Uint8Array) => object
  Instance: new (module: object) => { readonly exports: { readonly m: Memory } }
}

function open(module: Uint8Array): Memory {
  return new WebAssembly.Instance(new WebAssembly.Module(module)).exports.m
}

describe('limitWasmMemory', () => {
  it.each([
    ['without a maximum', moduleWithMemory(1)],
    ['with a larger one', moduleWithMemory(1, 100)],
  ])('holds a module %s to the new one', (_, module) => {
    const memory = open(limitWasmMemory(module, 3 * PAGE + 5))
    expect(memory.grow(2)).toBe(1)
    expect(() => memory.grow(1)).toThrow(RangeError)
  })

  it.each([['libheif-js', 'libheif-wasm/libheif.wasm']])(
    'leaves the module of %s valid',
    (name, file) => {
      const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
      const module = readFileSync(join(manifest, '..', file))
      expect(WebAssembly.validate(limitWasmMemory(module, 2 ** 30))).toBe(true)
    },
  )

  it('refuses a module whose memory begins larger, or that has none', () => {
    expect(() => limitWasmMemory(moduleWithMemory(5), 4 * PAGE)).toThrow(/no memory/)
    expect(() => limitWasmMemory(moduleWithMemory(5).subarray(0, 8), 9 * PAGE)).toThrow(/no memory/)
  })
})
