// A compiled model that was damaged on its disk is noticed at the next start and compiled again.
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Logger } from '../../src/base/log.ts'
import { silentLogger } from '../../src/base/log.ts'
import { checkContents } from '../../src/compiled/contents.ts'
import { readManifest } from '../../src/compiled/manifest.ts'
import { compileModel } from '../../src/compiler/compile.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const MODEL = fileURLToPath(new URL('../../models/flocap-demo/', import.meta.url))
/** What an examination wrote over weights without anybody noticing. */
const DAMAGED_BYTES = 300_000

const home = createFolder()
const whole = join(home, 'whole')
beforeAll(async () => {
  await compileModel(MODEL, whole, { log: silentLogger })
})
afterAll(() => removeFolder(home))

function listener(): { log: Logger; heard: string[] } {
  const heard: string[] = []
  const hear = (_: unknown, message: string): void => void heard.push(message)
  return { heard, log: { ...silentLogger, info: hear, warn: hear } }
}

const DAMAGES: readonly (readonly [what: string, damage: (folder: string) => void])[] = [
  [
    'random bytes in the weights',
    (folder) => {
      const file = join(folder, 'weights.bin')
      const bytes = readFileSync(file)
      const begin = Math.floor(bytes.length / 2)
      for (let i = 0; i < DAMAGED_BYTES; i += 1) bytes[begin + i]! ^= (i % 255) + 1
      writeFileSync(file, bytes)
    },
  ],
  ['cut weights', (folder) => truncateSync(join(folder, 'weights.bin'), 4096)],
  ['a graph of zeros', (folder) => zero(join(folder, 'decoder.onnx'))],
  ['a tokenizer that is gone', (folder) => rmSync(join(folder, 'tokenizer.json'))],
  ['an empty manifest', (folder) => writeFileSync(join(folder, 'manifest.json'), '')],
  ['a manifest with another number', (folder) => edit(join(folder, 'manifest.json'))],
]

function zero(file: string): void {
  writeFileSync(file, Buffer.alloc(readFileSync(file).length))
}

function edit(file: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace('"imageTokens": ', '"imageTokens": 1'))
}

describe('compileModel', () => {
  it('takes a folder that is whole as it is', async () => {
    const { log, heard } = listener()
    const before = readdirSync(whole)
    expect((await compileModel(MODEL, whole, { log })).createdAt).toBe(
      (await readManifest(whole)).createdAt,
    )
    expect(heard).toEqual([])
    expect(readdirSync(whole)).toEqual(before)
  })

  it.each(DAMAGES)('mends %s by itself, and says so', async (_, damage) => {
    const folder = join(home, 'damaged')
    rmSync(folder, { recursive: true, force: true })
    cpSync(whole, folder, { recursive: true })
    damage(folder)
    const { log, heard } = listener()
    const manifest = await compileModel(MODEL, folder, { log })
    expect(heard).toContain('compiled the model')
    expect(await readManifest(folder)).toEqual(manifest)
    expect(await checkContents(folder, manifest.contents)).toEqual([])
    expect(manifest.fingerprint).toBe((await readManifest(whole)).fingerprint)
    expect(readdirSync(home).toSorted()).toEqual(['damaged', 'whole'])
  })

  it('believes hashes that were recorded, and reads the other files only', async () => {
    const knownHashes = { 'model.safetensors': 'c'.repeat(64) }
    const options = { log: silentLogger, knownHashes }
    const { source } = await compileModel(MODEL, join(home, 'known'), options)
    const hashOf = (name: string): string | undefined =>
      source.find((file) => file.name === name)?.sha256
    expect(hashOf('model.safetensors')).toBe('c'.repeat(64))
    expect(hashOf('config.json')).toMatch(/^(?!c{64})[\da-f]{64}$/)
    rmSync(join(home, 'known'), { recursive: true })
  })
})
