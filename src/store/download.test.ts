import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { COMMIT, modelRepository, noise } from '../../test/support/model-repository.ts'
import { lfsFile, sha256Of, startStandInHub } from '../../test/support/stand-in-hub.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { nodeFileSystem } from './disk.ts'
import { downloadModel } from './download.ts'
import { createHub } from './hub.ts'
import { KNOWN_MODELS, type KnownFile } from './registry.ts'

/** A download of a model of which some hashes are known beforehand. */
async function download(pins: readonly KnownFile[]): Promise<readonly string[]> {
  const weights = { 'model.safetensors': lfsFile(noise(1000)) }
  const hub = await startStandInHub({ repositories: { 'someone/model': modelRepository(weights) } })
  onTestFinished(async () => hub.close())
  const folder = join(temporaryFolder(), 'model')
  await downloadModel({
    hub: createHub({ endpoint: hub.endpoint }),
    fileSystem: nodeFileSystem,
    repository: 'someone/model',
    commit: COMMIT,
    kind: 'model',
    known: { ...KNOWN_MODELS[0]!, files: pins },
    folder,
    signal: undefined,
    onEvent: () => undefined,
  })
  return readdir(folder)
}

/** Of the stand-in's config.json, which is announced with Git's hash alone. */
const CONFIG = sha256Of(Buffer.from('{"model_type":"florence2"}'))
const OTHER = 'f'.repeat(64)

describe('a model of which hashes are known', () => {
  it('is taken where small files have them too', async () => {
    expect(await download([{ path: 'config.json', sha256: CONFIG }])).toContain('config.json')
    const beginning = { path: 'config.json', sha256StartsWith: CONFIG.slice(0, 8) }
    expect(await download([beginning])).toContain('config.json')
  })

  it.each([
    [{ path: 'config.json', sha256: OTHER }, OTHER],
    [{ path: 'config.json', sha256StartsWith: 'ffffffff' }, 'ffffffff…'],
  ])('is refused where a small file has another: %j', async (pin, expected) => {
    await expect(download([pin])).rejects.toMatchObject({
      code: 'invalid_model',
      subject: 'config.json',
      message: `config.json is not the file that FloCap knows: its SHA-256 is ${CONFIG}.`,
      hint: expect.stringContaining(`Expected SHA-256: ${expected}.`),
    })
  })
})
