import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createFolder, removeFolder } from '../../../../../test/support/temporary-folder.ts'
import { runCodec, type WasmCodec } from './run-codec.ts'

const EMPTY_WITH_MEMORY = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 0, 1])

const folder = createFolder()
afterAll(() => removeFolder(folder))
writeFileSync(join(folder, 'codec.wasm'), EMPTY_WITH_MEMORY)

const codec: WasmCodec = {
  format: 'heic',
  wasm: join(folder, 'codec.wasm'),
  worker: new URL('../../../../../test/support/odd-codec.worker.mjs', import.meta.url),
  maxMemoryBytes: 2 ** 20,
}

async function run(what: string, budgetMs = 60_000): Promise<unknown> {
  return runCodec(codec, Buffer.from(what), { maxPixels: 100, budgetMs, keepAlpha: false })
}

describe('runCodec', () => {
  it('gives what the codec made', async () => {
    await expect(run('decoded')).resolves.toBe('a picture')
  })

  it('ends a picture that takes too long, and says so', async () => {
    await expect(run('hang', 1000)).rejects.toMatchObject({
      code: 'image_too_large',
      message: 'The HEIC file was given up: it needs more than 1 s to decode.',
    })
  })

  it('says so when memory did not do', async () => {
    await expect(run('memory')).rejects.toMatchObject({
      code: 'image_too_large',
      message: 'The HEIC file was given up: it needs more than 1 MB of memory to decode.',
    })
  })

  it.each([
    ['its refusal', 'failed', 'its own words'],
    ['a trap', 'trap', 'unreachable executed'],
    ['a thread that ends without a word', 'xit', 'ended by itself'],
    ['a thread without JavaScript memory', 'eat', 'memory limit'],
  ])('takes %s for a damaged picture, with the cause for the log', async (_, deed, words) => {
    await expect(run(deed)).rejects.toMatchObject({
      code: 'invalid_image',
      cause: expect.objectContaining({ message: expect.stringContaining(words) }),
    })
  })

  it('is not disturbed by what went before', async () => {
    const results = await Promise.allSettled(
      ['trap', 'decoded', 'failed', 'decoded'].map((what) => run(what)),
    )
    expect(results.map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
  })

  it('tries again to compile what could not be read', async () => {
    const missing = { ...codec, wasm: join(folder, 'missing.wasm') }
    const task = { maxPixels: 1, budgetMs: 1000, keepAlpha: false }
    await expect(runCodec(missing, Buffer.from('d'), task)).rejects.toThrow(/ENOENT/)
    await expect(runCodec(missing, Buffer.from('d'), task)).rejects.toThrow(/ENOENT/)
  })
})
