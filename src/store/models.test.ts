// Models that were placed by hand, and what is wrong with folders: no network is involved.
import { mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { caughtError } from '../../test/support/caught-error.ts'
import { hubName, noise } from '../../test/support/model-repository.ts'
import { sha256Of } from '../../test/support/stand-in-hub.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { prepareCompiledFolder, pruneCompiled } from './compiled.ts'
import { inspectFolder } from './inspect.ts'
import { installModel } from './install.ts'
import { findModel, listModels, removeModel, verifyModel } from './models.ts'
import { folderOf } from './places.ts'
import { createRecord, RECORD_FILE, writeRecord } from './record.ts'
import { createModelStore, type ModelStore } from './store.ts'

const REPOSITORY = 'someone/Model'
const COMMIT = '1234567890abcdef1234567890abcdef12345678'
const NAME = hubName(`${REPOSITORY}@${COMMIT}`)

let store: ModelStore
beforeEach(() => {
  store = createModelStore({ root: temporaryFolder(), offline: true })
})

/** Files as small as they can be: what they hold matters to the compiler, not to the store. */
async function fill(
  folder: string,
  more: Readonly<Record<string, string | Buffer>> = {},
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const files = {
    'config.json': '{}',
    'preprocessor_config.json': '{}',
    'tokenizer.json': '{}',
    'tokenizer_config.json': '{}',
    ...more,
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
}

const WEIGHTS = { 'model.safetensors': 'weights' }

describe('findModel', () => {
  it('finds files that were placed by hand, for a commit or a branch', async () => {
    await fill(folderOf(store, REPOSITORY, COMMIT), WEIGHTS)
    expect(await findModel(store, NAME)).toMatchObject({
      id: 'model',
      source: 'hand',
      verified: false,
      commit: COMMIT,
      sizeBytes: 15,
    })
    expect(await findModel(store, hubName(REPOSITORY))).toBeUndefined()
    await fill(folderOf(store, REPOSITORY, 'main'), WEIGHTS)
    expect(await findModel(store, hubName(REPOSITORY))).toBeDefined()
  })

  it.each(['config.json', 'preprocessor_config.json', 'tokenizer.json', 'model.safetensors'])(
    'does not take a folder without %s for a model, and says what is missing',
    async (missing) => {
      const folder = folderOf(store, REPOSITORY, COMMIT)
      await fill(folder, WEIGHTS)
      await rm(join(folder, missing))
      expect(await findModel(store, NAME)).toBeUndefined()
      const error = await caughtError(() => installModel(store, NAME))
      expect(error.message).toContain(missing)
      expect((await listModels(store)).incomplete).toEqual([
        { folder, problems: [expect.stringContaining(missing)] },
      ])
    },
  )

  it('wants every shard of an index', async () => {
    const folder = folderOf(store, REPOSITORY, COMMIT)
    const index = JSON.stringify({
      weight_map: { a: 'model-1.safetensors', b: 'model-2.safetensors' },
    })
    await fill(folder, { 'model.safetensors.index.json': index, 'model-1.safetensors': 'x' })
    expect(await findModel(store, NAME)).toBeUndefined()
    await writeFile(join(folder, 'model-2.safetensors'), 'y')
    expect((await findModel(store, NAME))?.files).toHaveLength(7)
  })

  it('compares the sizes that are known of a model', async () => {
    const name = hubName('base')
    const folder = folderOf(store, name.repository, name.revision)
    await fill(folder, WEIGHTS)
    const error = await caughtError(() => installModel(store, name))
    expect(error.message).toContain('model.safetensors has 7 bytes instead of 463221266')
  })

  it('gives the two models of one repository two ids', async () => {
    const folder = folderOf(store, REPOSITORY, COMMIT)
    await fill(folder, WEIGHTS)
    const ids = []
    for (const { repository, known } of [hubName('large'), hubName('large-4k')]) {
      if (!known) throw new Error('the registry lacks it')
      // Without the sizes of the real files.
      const inspection = await inspectFolder(folder, { repository, known: { ...known, files: [] } })
      ids.push(inspection.state === 'complete' ? inspection.model.id : inspection.state)
    }
    expect(ids).toEqual(['florence-2-large', 'florence-2-large-4k'])
  })

  it.skipIf(process.platform === 'win32')(
    'follows links, as the folders of other programs have them',
    async () => {
      const elsewhere = join(temporaryFolder(), 'snapshot')
      await fill(elsewhere, WEIGHTS)
      const folder = folderOf(store, REPOSITORY, COMMIT)
      await mkdir(folder, { recursive: true })
      for (const file of await readdir(elsewhere))
        await symlink(join(elsewhere, file), join(folder, file))
      expect(await findModel(store, NAME)).toMatchObject({ sizeBytes: 15 })
    },
  )
})

describe('a folder of the user', () => {
  it('is a model when its files are there', async () => {
    const folder = join(temporaryFolder(), 'My-Fine-Tune')
    await fill(folder, WEIGHTS)
    const model = await installModel(store, { kind: 'folder', path: folder })
    expect(model).toMatchObject({ id: 'my-fine-tune', folder, repository: undefined })
    expect(await verifyModel(store, model)).toEqual({ state: 'unknown', problems: [] })
    expect(await readdir(folder)).not.toContain(RECORD_FILE)
  })

  it('is not there, or says what it lacks', async () => {
    const path = join(temporaryFolder(), 'absent')
    expect((await caughtError(() => findModel(store, { kind: 'folder', path }))).code).toBe(
      'model_not_found',
    )
    await fill(path)
    const error = await caughtError(() => findModel(store, { kind: 'folder', path }))
    expect(error.code).toBe('invalid_model')
    expect(error.message).toContain('model.safetensors or pytorch_model.bin is missing')
  })
})

describe('listModels', () => {
  it('lists what is there although one of them is damaged', async () => {
    await fill(folderOf(store, REPOSITORY, COMMIT), WEIGHTS)
    const damaged = folderOf(store, 'other/model', COMMIT)
    await fill(damaged, { ...WEIGHTS, [RECORD_FILE]: '{"format":99}' })
    const sharded = folderOf(store, 'third/model', COMMIT)
    await fill(sharded, { 'model.safetensors.index.json': 'not json' })
    const { models, incomplete } = await listModels(store)
    expect(models.map((model) => model.repository)).toEqual([REPOSITORY])
    expect(incomplete).toEqual([
      { folder: damaged, problems: [expect.stringContaining(RECORD_FILE)] },
      { folder: sharded, problems: [expect.stringContaining('index.json is not JSON')] },
    ])
  })

  it('is empty where there is no cache yet', async () => {
    expect(await listModels(store)).toEqual({ models: [], adapters: [], incomplete: [] })
  })
})

describe('verifyModel', () => {
  it('compares files placed by hand with what is known of them, and remembers the result', async () => {
    const folder = folderOf(store, REPOSITORY, COMMIT)
    const weights = noise(1000)
    await fill(folder, { 'model.safetensors': weights })
    const found = await findModel(store, NAME)
    const known = {
      name: 'x',
      aliases: [],
      repository: REPOSITORY,
      revision: COMMIT,
      layout: 'microsoft',
      licence: 'MIT',
      millionParameters: 1,
      downloadBytes: 1,
      note: '',
      files: [{ path: 'model.safetensors', sha256StartsWith: sha256Of(weights).slice(0, 8) }],
    } as const
    if (!found) throw new Error('the model was not found')
    expect(await verifyModel(store, { ...found, known })).toEqual({
      state: 'verified',
      problems: [],
    })
    expect(await findModel(store, NAME)).toMatchObject({ verified: true, source: 'hand' })
    await writeFile(join(folder, 'model.safetensors'), noise(1000, 'other'))
    expect((await verifyModel(store, found)).state).toBe('damaged')
  })

  it('has its hashes believed until a file changes', async () => {
    const folder = folderOf(store, REPOSITORY, COMMIT)
    await fill(folder, WEIGHTS)
    const time = new Date().toISOString()
    const names = ['config.json', 'model.safetensors']
    const files = await Promise.all(
      names.map(async (path) => {
        const content = await readFile(join(folder, path))
        return { path, size: content.length, sha256: sha256Of(content) }
      }),
    )
    const record = createRecord({
      repository: REPOSITORY,
      commit: COMMIT,
      endpoint: null,
      installedAt: time,
      verifiedAt: time,
      files,
    })
    await writeRecord(folder, record)
    const hashes = Object.fromEntries(files.map(({ path, sha256 }) => [path, sha256]))
    expect((await findModel(store, NAME))?.knownHashes).toEqual(hashes)
    const later = new Date(Date.parse(time) + 1_000)
    await utimes(join(folder, 'model.safetensors'), later, later)
    expect((await findModel(store, NAME))?.knownHashes).toEqual({
      'config.json': hashes['config.json'],
    })
  })

  it('can be cancelled', async () => {
    await fill(folderOf(store, REPOSITORY, COMMIT), WEIGHTS)
    const model = await findModel(store, NAME)
    if (!model) throw new Error('the model was not found')
    const error = await caughtError(() =>
      verifyModel(store, model, { signal: AbortSignal.abort() }),
    )
    expect(error.code).toBe('cancelled')
  })
})

describe('removeModel', () => {
  it('removes the model, its compiled forms and begun downloads, and nothing else', async () => {
    await fill(folderOf(store, REPOSITORY, COMMIT), WEIGHTS)
    await fill(folderOf(store, REPOSITORY, 'main'), WEIGHTS)
    const model = await findModel(store, NAME)
    if (!model) throw new Error('the model was not found')
    const compiled = await prepareCompiledFolder(store, model, 'int8')
    await mkdir(compiled)
    await writeFile(join(compiled, 'decoder.onnx'), '12345')
    const begun = join(store.layout.downloads, 'someone--Model', COMMIT)
    await mkdir(begun, { recursive: true })
    await writeFile(join(begun, 'x.part'), '1234567890')
    const removed = await removeModel(store, NAME)
    expect(removed.bytes).toBeGreaterThanOrEqual(15 + 5 + 10)
    expect(await findModel(store, NAME)).toBeUndefined()
    expect(await findModel(store, hubName(REPOSITORY))).toBeDefined()
    expect(await readdir(store.layout.compiled)).toEqual([])
    expect(await readdir(store.layout.downloads)).toEqual([])
  })

  it('removes a folder that is no complete model', async () => {
    const folder = folderOf(store, REPOSITORY, COMMIT)
    await fill(folder)
    await removeModel(store, NAME)
    expect(await listModels(store)).toEqual({ models: [], adapters: [], incomplete: [] })
  })
})

describe('compiled forms', () => {
  it('lie in a folder that says what they belong to', async () => {
    const folder = await prepareCompiledFolder(
      store,
      { id: 'florence-2-base', folder: '/models/base' },
      'int8',
    )
    expect(basename(folder)).toBe('int8')
    expect(folder.startsWith(join(store.layout.compiled, 'florence-2-base-'))).toBe(true)
    const other = await prepareCompiledFolder(
      store,
      { id: 'florence-2-base', folder: '/other' },
      'int8',
    )
    expect(other).not.toBe(folder)
    const origin = await readFile(join(folder, '..', 'origin.json'), 'utf8')
    expect(JSON.parse(origin)).toEqual({ folder: '/models/base' })
  })

  it('are pruned when their model is gone or they are not current, and kept otherwise', async () => {
    const here = temporaryFolder()
    await fill(here, WEIGHTS)
    for (const variant of ['int8-v1', 'int8-v2']) {
      await mkdir(await prepareCompiledFolder(store, { id: 'here', folder: here }, variant))
    }
    const gone = await prepareCompiledFolder(store, { id: 'gone', folder: '/no/such' }, 'int8-v2')
    await mkdir(gone)
    await writeFile(join(gone, 'x'), '123')
    await mkdir(join(store.layout.compiled, 'of-somebody-else', 'x'), { recursive: true })
    expect(await pruneCompiled(store)).toEqual([
      { folder: join(gone, '..'), bytes: expect.any(Number) },
    ])
    const pruned = await pruneCompiled(store, { isCurrent: (variant) => variant.endsWith('-v2') })
    expect(pruned.map(({ folder }) => basename(folder))).toEqual(['int8-v1'])
    const parent = dirname(await prepareCompiledFolder(store, { id: 'here', folder: here }, 'x'))
    for (const [name, ageMs] of [
      ['.int8-v2.young', 0],
      ['.int8-v2.old', 2 * 24 * 60 * 60 * 1000],
    ] as const) {
      await mkdir(join(parent, name))
      const time = new Date(Date.now() - ageMs)
      await utimes(join(parent, name), time, time)
    }
    expect((await pruneCompiled(store)).map(({ folder }) => basename(folder))).toEqual([
      '.int8-v2.old',
    ])
    expect((await readdir(parent)).toSorted()).toEqual(['.int8-v2.young', 'int8-v2', 'origin.json'])
    expect((await readdir(store.layout.compiled)).length).toBe(2)
  })
})

describe('the record', () => {
  it('is read back as it was written', async () => {
    const folder = folderOf(store, REPOSITORY, COMMIT)
    await fill(folder, WEIGHTS)
    await writeRecord(
      folder,
      createRecord({
        repository: REPOSITORY,
        commit: COMMIT,
        endpoint: 'https://huggingface.co/',
        installedAt: '2026-01-01T00:00:00.000Z',
        verifiedAt: '2026-01-01T00:00:00.000Z',
        files: [{ path: 'model.safetensors', size: 7, sha256: sha256Of(Buffer.from('weights')) }],
      }),
    )
    expect(await findModel(store, NAME)).toMatchObject({
      source: 'download',
      verified: true,
      commit: COMMIT,
      installedAt: '2026-01-01T00:00:00.000Z',
    })
    await rm(join(folder, 'model.safetensors'))
    await writeFile(join(folder, 'pytorch_model.bin'), 'x')
    expect((await listModels(store)).incomplete[0]?.problems).toEqual([
      'model.safetensors is missing',
    ])
  })
})
