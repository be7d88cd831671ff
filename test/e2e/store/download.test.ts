// Fetching models over real sockets from a stand-in Hub: the ways it should go.
import { readdir, readFile, stat, writeFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { installModel } from '../../../src/store/install.ts'
import { findModel, listModels, removeModel, verifyModel } from '../../../src/store/models.ts'
import { folderOf } from '../../../src/store/places.ts'
import type { InstallEvent } from '../../../src/store/progress.ts'
import {
  COMMIT,
  createTemporaryStore,
  hubName,
  modelRepository,
  noise,
  type TemporaryStore,
} from '../../support/model-repository.ts'
import {
  gitFile,
  lfsFile,
  sha256Of,
  type StandInHub,
  type StandInOptions,
  startStandInHub,
} from '../../support/stand-in-hub.ts'

const WEIGHTS = noise(300_000)
const SINGLE = modelRepository({ 'model.safetensors': lfsFile(WEIGHTS) })
const SHARDED = modelRepository({
  'model.safetensors.index.json': gitFile(
    JSON.stringify({
      weight_map: {
        'a.weight': 'model-00001-of-00002.safetensors',
        'b.weight': 'model-00002-of-00002.safetensors',
        'b.bias': 'model-00002-of-00002.safetensors',
      },
    }),
  ),
  'model-00001-of-00002.safetensors': lfsFile(noise(70_000, 'one')),
  'model-00002-of-00002.safetensors': lfsFile(noise(50_000, 'two')),
  'model-00003-of-00003.safetensors': lfsFile(noise(10, 'of another set')),
})

const NAME = hubName('someone/model')
const PINNED = hubName(`someone/model@${COMMIT}`)

let hub: StandInHub
let place: TemporaryStore
const opened: (() => Promise<void>)[] = []

async function start(options: Partial<StandInOptions> = {}): Promise<void> {
  hub = await startStandInHub({ repositories: { 'someone/model': SINGLE }, ...options })
  place = await createTemporaryStore({ hub: { endpoint: hub.endpoint } })
  opened.push(
    () => hub.close(),
    () => place.remove(),
  )
}

beforeEach(() => start())
afterEach(async () => {
  for (const close of opened.splice(0)) await close()
})

describe('the first download', () => {
  it('brings the files that make a model and no others', async () => {
    const model = await installModel(place.open(), NAME)
    expect(model).toMatchObject({
      id: 'model',
      repository: 'someone/model',
      commit: COMMIT,
      source: 'download',
      verified: true,
      folder: folderOf(place.open(), 'someone/model', COMMIT),
    })
    expect((await readdir(model.folder)).toSorted()).toEqual([
      'LICENSE',
      'config.json',
      'flocap-model.json',
      'model.safetensors',
      'preprocessor_config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'vocab.json',
    ])
    expect(await readFile(join(model.folder, 'model.safetensors'))).toEqual(WEIGHTS)
    expect(model.sizeBytes).toBeGreaterThan(WEIGHTS.length)
  })

  it('leaves nothing else behind', async () => {
    await installModel(place.open(), NAME)
    expect((await readdir(place.root)).toSorted()).toEqual(['downloads', 'locks', 'models'])
    expect(await readdir(join(place.root, 'downloads'))).toEqual([])
    expect(await readdir(join(place.root, 'locks'))).toEqual([])
  })

  it('records where the files came from and what they were', async () => {
    const { folder } = await installModel(place.open(), NAME)
    const record: unknown = JSON.parse(await readFile(join(folder, 'flocap-model.json'), 'utf8'))
    expect(record).toMatchObject({
      repository: 'someone/model',
      commit: COMMIT,
      endpoint: `${hub.endpoint}/`,
      files: expect.arrayContaining([
        { path: 'model.safetensors', size: WEIGHTS.length, sha256: sha256Of(WEIGHTS) },
      ]),
    })
  })

  it('tells how it goes on, and never goes back', async () => {
    const events: InstallEvent[] = []
    await installModel(place.open(), NAME, { onEvent: (event) => events.push(event) })
    expect(events[0]).toMatchObject({ kind: 'hub-question' })
    expect(events[1]).toMatchObject({ kind: 'download-start', files: 7 })
    expect(events.at(-1)).toMatchObject({ kind: 'download-end' })
    const totals = events.flatMap((event) => (event.kind === 'file-progress' ? [event] : []))
    expect(totals.at(-1)?.totalReceived).toBe(totals.at(-1)?.totalBytes)
    for (const [index, event] of totals.entries()) {
      expect(event.totalReceived).toBeGreaterThanOrEqual(totals[index - 1]?.totalReceived ?? 0)
    }
    const ended = events.flatMap((event) => (event.kind === 'file-end' ? [event.path] : []))
    expect(ended.at(-1)).toBe('model.safetensors')
  })

  it('takes safetensors where there is a choice', async () => {
    await start({
      repositories: {
        'someone/model': modelRepository({
          'model.safetensors': lfsFile(WEIGHTS),
          'pytorch_model.bin': lfsFile(noise(1000)),
        }),
      },
    })
    await installModel(place.open(), NAME)
    expect(hub.downloadsOf('pytorch_model.bin')).toEqual([])
  })

  it('takes pytorch_model.bin where there is nothing else', async () => {
    const repository = modelRepository({ 'pytorch_model.bin': lfsFile(WEIGHTS) })
    await start({ repositories: { 'someone/model': repository } })
    const model = await installModel(place.open(), NAME)
    expect(model.files.map((file) => file.path)).toContain('pytorch_model.bin')
  })

  it('brings the shards that the index names', async () => {
    await start({ repositories: { 'someone/model': SHARDED } })
    const model = await installModel(place.open(), NAME)
    const paths = model.files.map((file) => file.path)
    expect(paths).toContain('model-00001-of-00002.safetensors')
    expect(paths).toContain('model-00002-of-00002.safetensors')
    expect(paths).not.toContain('model-00003-of-00003.safetensors')
    expect(await findModel(place.open({ offline: true }), NAME)).toEqual(model)
  })

  it('reads listings of many pages, from the mirror that it was told to use', async () => {
    await start({ pageSize: 2 })
    await installModel(place.open(), NAME)
    const pages = hub.requests.filter((request) => request.path.includes('/tree/'))
    expect(pages.length).toBe(6)
  })

  it('works with a mirror below a path', async () => {
    await start({ prefix: '/hugging/face' })
    const model = await installModel(place.open(), NAME)
    expect(model.verified).toBe(true)
    expect(
      hub.requests.every((each) => each.server === 'cdn' || each.path.startsWith('/hugging/face/')),
    ).toBe(true)
  })
})

describe('a model that is here', () => {
  it('is used without asking the network again', async () => {
    const model = await installModel(place.open(), NAME)
    const before = hub.requests.length
    expect(await installModel(place.open(), NAME)).toEqual(model)
    expect(await installModel(place.open(), PINNED)).toEqual(model)
    expect(hub.requests.length).toBe(before)
  })

  it('is found offline, by branch and by commit', async () => {
    const model = await installModel(place.open(), NAME)
    const offline = place.open({ offline: true })
    expect(await installModel(offline, NAME)).toEqual(model)
    expect(await installModel(offline, PINNED)).toEqual(model)
    expect(await findModel(offline, hubName('someone/model@dev'))).toBeUndefined()
  })

  it('is found offline by branch when it was fetched by commit and then asked for by branch', async () => {
    const model = await installModel(place.open(), PINNED)
    expect(await findModel(place.open(), NAME)).toBeUndefined()
    await installModel(place.open(), NAME)
    expect(hub.downloadsOf('model.safetensors')).toHaveLength(1)
    expect(await findModel(place.open({ offline: true }), NAME)).toEqual(model)
  })

  it('is fetched anew under its new commit when the branch has moved and that is asked for', async () => {
    await installModel(place.open(), NAME)
    const moved = await startStandInHub({
      repositories: {
        'someone/model': {
          ...modelRepository({ 'model.safetensors': lfsFile(noise(1000, 'new')) }),
          commit: 'f'.repeat(40),
        },
      },
    })
    opened.push(() => moved.close())
    const store = place.open({ hub: { endpoint: moved.endpoint } })
    expect((await installModel(store, NAME)).commit).toBe(COMMIT)
    expect((await installModel(store, NAME, { refresh: true })).commit).toBe('f'.repeat(40))
    expect((await findModel(store, NAME))?.commit).toBe('f'.repeat(40))
    expect((await findModel(store, PINNED))?.commit).toBe(COMMIT)
    expect((await listModels(store)).models).toHaveLength(2)
  })

  it('is listed, verified and removed', async () => {
    const store = place.open()
    const model = await installModel(store, NAME)
    expect(await listModels(store)).toEqual({ models: [model], adapters: [], incomplete: [] })
    expect(await verifyModel(store, model)).toEqual({ state: 'verified', problems: [] })
    const removed = await removeModel(store, NAME)
    expect(removed.folder).toBe(model.folder)
    expect(removed.bytes).toBeGreaterThanOrEqual(model.sizeBytes)
    expect(await listModels(store)).toEqual({ models: [], adapters: [], incomplete: [] })
    expect(await readdir(join(place.root, 'models'))).toEqual([])
    await expect(removeModel(store, NAME)).rejects.toMatchObject({ code: 'model_not_found' })
  })

  it('is repaired when a file has become shorter: only that one is fetched again', async () => {
    const store = place.open()
    const { folder } = await installModel(store, NAME)
    await writeFile(join(folder, 'model.safetensors'), WEIGHTS.subarray(0, 100))
    expect((await listModels(store)).incomplete[0]?.problems).toEqual([
      `model.safetensors has 100 bytes instead of ${WEIGHTS.length}`,
    ])
    await installModel(store, NAME)
    expect(await readFile(join(folder, 'model.safetensors'))).toEqual(WEIGHTS)
    expect(hub.downloadsOf('model.safetensors')).toHaveLength(2)
    expect(hub.downloadsOf('config.json')).toHaveLength(1)
  })

  it('shows damage that has not changed a size when it is verified', async () => {
    const store = place.open()
    const model = await installModel(store, NAME)
    const damaged = Buffer.from(WEIGHTS)
    damaged[1234] = (damaged[1234] ?? 0) ^ 1
    await writeFile(join(model.folder, 'model.safetensors'), damaged)
    expect(await verifyModel(store, model)).toEqual({
      state: 'damaged',
      problems: ['model.safetensors has another SHA-256 than expected'],
    })
  })
})

describe('files that somebody has placed by hand', () => {
  it('are kept when they are right, replaced when they are not, and completed', async () => {
    const store = place.open()
    const folder = folderOf(store, 'someone/model', COMMIT)
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'model.safetensors'), WEIGHTS)
    await writeFile(join(folder, 'config.json'), 'something else')
    await writeFile(join(folder, 'notes.txt'), 'mine')
    const model = await installModel(store, PINNED)
    expect(hub.downloadsOf('model.safetensors')).toEqual([])
    expect(hub.downloadsOf('config.json')).toHaveLength(1)
    expect(model.verified).toBe(true)
    expect(await readFile(join(folder, 'config.json'), 'utf8')).toContain('florence2')
    const [owner = ''] = await readdir(join(place.root, 'downloads'))
    const [kept = ''] = await readdir(join(place.root, 'downloads', owner))
    expect(await readdir(join(place.root, 'downloads', owner, kept))).toEqual(['notes.txt'])
  })

  it('are a model at once when they are all there', async () => {
    const store = place.open({ offline: true })
    const folder = folderOf(store, 'someone/model', 'main')
    await mkdir(folder, { recursive: true })
    for (const [path, { content }] of Object.entries(SINGLE.files)) {
      if (!path.includes('/')) await writeFile(join(folder, path), content)
    }
    const model = await installModel(store, NAME)
    expect(model).toMatchObject({ source: 'hand', verified: false, repository: 'someone/model' })
    expect(await verifyModel(store, model)).toEqual({ state: 'unknown', problems: [] })
    expect((await stat(folder)).isDirectory()).toBe(true)
    expect((await listModels(store)).models).toEqual([model])
  })
})
