// Fetching models over real sockets from a stand-in Hub: everything that goes wrong on the way.
import { open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeFileSystem, type StoreFileSystem } from '../../../src/store/disk.ts'
import { installModel } from '../../../src/store/install.ts'
import { findModel } from '../../../src/store/models.ts'
import type { InstallEvent } from '../../../src/store/progress.ts'
import { KNOWN_MODELS } from '../../../src/store/registry.ts'
import { caughtError } from '../../support/caught-error.ts'
import {
  COMMIT,
  createFastSleep,
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

const WEIGHTS = noise(200_000)
const FILE = 'model.safetensors'
const NAME = hubName('someone/model')

let hub: StandInHub
let place: TemporaryStore
let sleep: ReturnType<typeof createFastSleep>
const opened: (() => Promise<void>)[] = []

async function start(options: Partial<StandInOptions> = {}, idleMs = 60_000): Promise<void> {
  hub = await startStandInHub({
    repositories: { 'someone/model': modelRepository({ [FILE]: lfsFile(WEIGHTS) }) },
    ...options,
  })
  sleep = createFastSleep()
  place = await createTemporaryStore({ hub: { endpoint: hub.endpoint, sleep, idleMs } })
  opened.push(
    () => hub.close(),
    () => place.remove(),
  )
}

beforeEach(() => start())
afterEach(async () => {
  for (const close of opened.splice(0)) await close()
})

async function weightsOf(folder: string): Promise<string> {
  return sha256Of(await readFile(join(folder, FILE)))
}

/** Parts of files, below the downloads folder. */
async function listLeftovers(): Promise<readonly string[]> {
  const entries = await readdir(join(place.root, 'downloads'), { recursive: true })
  return entries.filter((name) => name.endsWith('.part')).toSorted()
}

/** Fetches slowly, and stops when so many bytes of the weights are on disk. */
async function installPartOf(bytes: number): Promise<void> {
  const abort = new AbortController()
  hub.fail({ path: FILE, server: 'cdn', kind: 'slow', chunkBytes: 8000, pauseMs: 20 })
  const work = installModel(place.open(), NAME, {
    signal: abort.signal,
    onEvent: (event) => {
      if (event.kind !== 'file-progress' || event.path !== FILE) return
      if (event.received >= bytes) abort.abort()
    },
  })
  expect(await caughtError(() => work)).toMatchObject({ code: 'cancelled' })
}

describe('a connection that breaks', () => {
  it('is continued in the same run, after any number of bytes', async () => {
    // 25 cuts in a row, each at another place.
    hub.fail(
      ...Array.from({ length: 25 }, (_, index) => ({
        path: FILE,
        server: 'cdn' as const,
        kind: 'cut' as const,
        afterBytes: 1 + ((index * 7919) % 20_000),
      })),
    )
    const events: InstallEvent[] = []
    const model = await installModel(place.open(), NAME, { onEvent: (event) => events.push(event) })
    expect(await weightsOf(model.folder)).toBe(sha256Of(WEIGHTS))
    const ranges = hub.downloadsOf(FILE).map((request) => request.range)
    expect(ranges.length).toBeGreaterThan(10)
    expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range ?? ''))).toBe(true)
    expect(events.some((event) => event.kind === 'file-retry')).toBe(true)
    expect(await listLeftovers()).toEqual([])
  })

  it('is continued by a later run, wherever the earlier one was stopped', async () => {
    let seed = 12_345
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      return seed % below
    }
    const places = new Set<number>()
    for (let attempt = 0; attempt < 60; attempt += 1) {
      // A new cache each time. The first run gets so many bytes, and then no more.
      const cache = await createTemporaryStore({ hub: { endpoint: hub.endpoint, sleep } })
      const afterBytes = attempt === 0 ? WEIGHTS.length - 1 : random(WEIGHTS.length)
      hub.fail({ path: FILE, server: 'cdn', kind: 'cut', afterBytes })
      // Not yet for the request that is cut, but for every one after it.
      const stopped = await caughtError(() =>
        installModel(cache.open(), NAME, {
          onEvent: (event) => {
            if (event.kind !== 'file-retry') return
            hub.fail({ path: FILE, server: 'hub', kind: 'status', status: 410 })
          },
        }),
      )
      expect(stopped.code).toBe('model_not_found')
      const before = hub.sentBytes()
      const model = await installModel(cache.open(), NAME)
      expect(await weightsOf(model.folder)).toBe(sha256Of(WEIGHTS))
      // What a broken connection had in its buffers is lost; all else is not sent again.
      const resumedAt = Number(/\d+/.exec(hub.downloadsOf(FILE).at(-1)?.range ?? '0')?.[0])
      expect(resumedAt).toBeLessThanOrEqual(afterBytes)
      expect(hub.sentBytes() - before).toBe(WEIGHTS.length - resumedAt)
      places.add(resumedAt)
      await cache.remove()
    }
    expect(places.size).toBeGreaterThan(25)
  })

  it('may be cancelled at any moment, the last one included', async () => {
    for (const share of [0, 0.3, 0.6, 0.99, 1]) {
      const cache = await createTemporaryStore({ hub: { endpoint: hub.endpoint, sleep } })
      const abort = new AbortController()
      hub.fail({ path: FILE, server: 'cdn', kind: 'slow', chunkBytes: 20_000, pauseMs: 20 })
      const work = installModel(cache.open(), NAME, {
        signal: abort.signal,
        onEvent: (event) => {
          if (event.kind !== 'file-progress' || event.path !== FILE) return
          if (event.received >= share * event.size) abort.abort()
        },
      })
      expect(await caughtError(() => work)).toMatchObject({ code: 'cancelled' })
      expect((await installModel(cache.open(), NAME)).verified).toBe(true)
      await cache.remove()
    }
  })

  it('by an address of the CDN that has expired is made anew', async () => {
    hub.fail({ path: FILE, server: 'cdn', kind: 'status', status: 403 })
    const model = await installModel(place.open(), NAME)
    expect(await weightsOf(model.folder)).toBe(sha256Of(WEIGHTS))
  })

  it('is continued after the process was killed in the middle of a write', async () => {
    await installPartOf(50_000)
    const [part = ''] = await listLeftovers()
    // Bytes that never reached the disk: the tail of the part is not what was sent.
    const handle = await open(join(place.root, 'downloads', part), 'r+')
    const { size } = await handle.stat()
    await handle.write(Buffer.alloc(100), 0, 100, size - 100)
    await handle.close()
    const model = await installModel(place.open(), NAME)
    expect(await weightsOf(model.folder)).toBe(sha256Of(WEIGHTS))
  })

  it('is given up when nothing more arrives, and says that what came is kept', async () => {
    hub.fail({ path: FILE, server: 'cdn', kind: 'cut', afterBytes: 70_000 })
    hub.fail({ path: FILE, server: 'cdn', kind: 'cut', afterBytes: 0, times: 100 })
    const error = await caughtError(() => installModel(place.open(), NAME))
    expect(error.code).toBe('model_download_failed')
    expect(error.message).toMatch(/connection to 127\.0\.0\.1:\d+ failed|ended at/)
    expect(await listLeftovers()).toHaveLength(1)
    expect(sleep.pauses.at(-1)).toBeGreaterThan(10_000)
  })
})

describe('a slow line', () => {
  it('may take as long as it likes while something arrives', async () => {
    await start({}, 150)
    hub.fail({ path: FILE, server: 'cdn', kind: 'slow', chunkBytes: 20_000, pauseMs: 60 })
    const began = performance.now()
    const model = await installModel(place.open(), NAME)
    expect(performance.now() - began).toBeGreaterThan(400)
    expect(hub.downloadsOf(FILE)).toHaveLength(1)
    expect(model.verified).toBe(true)
  })

  it('that falls silent is given up and continued', async () => {
    await start({}, 150)
    hub.fail({ path: FILE, server: 'cdn', kind: 'stall', afterBytes: 80_000 })
    const model = await installModel(place.open(), NAME)
    expect(await weightsOf(model.folder)).toBe(sha256Of(WEIGHTS))
    const [, second] = hub.downloadsOf(FILE)
    expect(second?.range).toBe('bytes=80000-')
  })
})

describe('a busy server', () => {
  it.each([429, 503])('that answers %i is asked again when it wishes', async (status) => {
    hub.fail(
      { path: '/tree/', kind: 'status', status, retryAfter: '7' },
      { path: FILE, server: 'cdn', kind: 'status', status, retryAfter: '11' },
    )
    const model = await installModel(place.open(), NAME)
    expect(model.verified).toBe(true)
    expect(sleep.pauses).toEqual([7000, 11_000])
  })

  it('is asked ever less often without a wish', async () => {
    hub.fail({ path: '/revision/', kind: 'status', status: 500, times: 4 })
    await installModel(place.open(), NAME)
    expect(sleep.pauses).toHaveLength(4)
    expect(sleep.pauses[3]).toBeGreaterThan(2 * (sleep.pauses[0] ?? 0))
  })

  it('that wants more patience than is reasonable ends the attempt and says how long', async () => {
    hub.fail({ path: '/tree/', kind: 'status', status: 429, retryAfter: '3600' })
    const error = await caughtError(() => installModel(place.open(), NAME))
    expect(error.retryAfterSeconds).toBe(3600)
    expect(error.message).toContain('429')
  })

  it('that never recovers ends the attempt', async () => {
    hub.fail({ path: '/tree/', kind: 'status', status: 502, times: 1000 })
    const error = await caughtError(() => installModel(place.open(), NAME))
    expect(error.message).toContain('502')
    expect(sleep.pauses.length).toBeLessThan(10)
  })
})

describe('content that is not the announced one', () => {
  it('is fetched again when one byte was changed on the way', async () => {
    hub.fail({ path: FILE, server: 'cdn', kind: 'corrupt', atByte: 123_456 })
    const events: InstallEvent[] = []
    const model = await installModel(place.open(), NAME, { onEvent: (event) => events.push(event) })
    expect(await weightsOf(model.folder)).toBe(sha256Of(WEIGHTS))
    expect(hub.downloadsOf(FILE)).toHaveLength(2)
    expect(events).toContainEqual(expect.objectContaining({ kind: 'file-retry', path: FILE }))
  })

  it('is found in small files too, which have only a hash of Git', async () => {
    hub.fail({ path: 'config.json', kind: 'corrupt', atByte: 3 })
    const model = await installModel(place.open(), NAME)
    expect(hub.downloadsOf('config.json')).toHaveLength(2)
    expect(await readFile(join(model.folder, 'config.json'), 'utf8')).toContain('florence2')
  })

  it('is refused when it comes again and again, and nothing is published', async () => {
    hub.fail({ path: FILE, server: 'cdn', kind: 'corrupt', atByte: 5, times: 100 })
    const error = await caughtError(() => installModel(place.open(), NAME))
    expect(error.message).toMatch(/arrived damaged 3 times/)
    expect(error.subject).toBe(FILE)
    expect(await findModel(place.open(), NAME)).toBeUndefined()
  })

  it.each([
    ['longer', 10],
    ['shorter', -10],
  ])('is fetched again when it is %s than announced', async (_, extraBytes) => {
    hub.fail({ path: FILE, server: 'cdn', kind: 'wrong-size', extraBytes })
    const model = await installModel(place.open(), NAME)
    expect(await weightsOf(model.folder)).toBe(sha256Of(WEIGHTS))
  })

  it('is read from a server that does not say how long it is', async () => {
    hub.fail({ path: FILE, server: 'cdn', kind: 'no-size' })
    const model = await installModel(place.open(), NAME)
    expect(await weightsOf(model.folder)).toBe(sha256Of(WEIGHTS))
    expect(hub.downloadsOf(FILE)).toHaveLength(1)
  })

  it('is not read to its end where the server says another length', async () => {
    const size = WEIGHTS.length + 10
    hub.fail({ path: FILE, server: 'cdn', kind: 'wrong-size', extraBytes: 10, times: 100 })
    const error = await caughtError(() => installModel(place.open(), NAME))
    expect(error.message).toContain(`the server has ${size} bytes of it instead of`)
  })

  it('is not even read when the server announces another hash', async () => {
    hub.fail({ path: FILE, server: 'hub', kind: 'other-etag', times: 100 })
    const error = await caughtError(() => installModel(place.open(), NAME))
    expect(error.message).toMatch(/announces another content than its listing/)
  })

  it('does not come of a server that answers a range with the whole file', async () => {
    hub.fail({ path: FILE, server: 'cdn', kind: 'cut', afterBytes: 60_000 })
    hub.fail({ path: FILE, server: 'cdn', kind: 'ignore-range' })
    const model = await installModel(place.open(), NAME)
    expect(await weightsOf(model.folder)).toBe(sha256Of(WEIGHTS))
  })

  it('does not come of a server that answers a range with another part, once or always', async () => {
    hub.fail({ path: FILE, server: 'cdn', kind: 'cut', afterBytes: 60_000 })
    hub.fail({ path: FILE, server: 'cdn', kind: 'wrong-range', times: 2 })
    const model = await installModel(place.open(), NAME)
    expect(await weightsOf(model.folder)).toBe(sha256Of(WEIGHTS))
    expect(hub.downloadsOf(FILE).map((request) => request.range)).toEqual([
      undefined,
      'bytes=60000-',
      'bytes=60000-',
      undefined,
    ])
  })
})

describe('a disk that is full', () => {
  it('is noticed before anything is fetched', async () => {
    const fileSystem: StoreFileSystem = {
      ...nodeFileSystem,
      freeBytes: () => Promise.resolve(100_000),
    }
    const error = await caughtError(() => installModel(place.open({ fileSystem }), NAME))
    expect(error.message).toMatch(/needs 200 kB and 67\.1 MB of reserve; 100 kB are free/)
    expect(error.hint).toContain(place.root)
    expect(hub.downloadsOf(FILE)).toEqual([])
  })

  it('is no obstacle when most of the model is here already', async () => {
    await installPartOf(120_000)
    const spare = 64 * 1024 * 1024 + 100_000
    const fileSystem: StoreFileSystem = {
      ...nodeFileSystem,
      freeBytes: () => Promise.resolve(spare),
    }
    const model = await installModel(place.open({ fileSystem }), NAME)
    expect(model.verified).toBe(true)
  })

  it('in the middle of a download keeps what has come, and the next attempt goes on', async () => {
    let room = 90_000
    const fileSystem: StoreFileSystem = {
      ...nodeFileSystem,
      async open(path, flags) {
        const handle = await open(path, flags)
        const write = handle.write.bind(handle)
        return Object.assign(handle, {
          write: async (chunk: Uint8Array, offset: number, length: number, at: number) => {
            room -= length
            if (room < 0)
              throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
            return write(chunk, offset, length, at)
          },
        })
      },
    }
    const error = await caughtError(() => installModel(place.open({ fileSystem }), NAME))
    expect(error.message).toMatch(/disk is full/)
    expect(error.hint).toContain('What has arrived so far is kept')
    expect(await listLeftovers()).toHaveLength(1)
    const model = await installModel(place.open(), NAME)
    expect(await weightsOf(model.folder)).toBe(sha256Of(WEIGHTS))
    expect(hub.downloadsOf(FILE).at(-1)?.range).toMatch(/^bytes=[1-9]/)
  })
})

describe('a repository that is not for everybody', () => {
  it('is fetched with a token, which is shown to the Hub and not to its CDN', async () => {
    await start({
      repositories: {
        'someone/model': modelRepository({ [FILE]: lfsFile(WEIGHTS) }, { access: 'gated' }),
      },
    })
    const store = place.open({ hub: { endpoint: hub.endpoint, sleep, token: hub.token } })
    await installModel(store, NAME)
    for (const { server, authorization } of hub.requests) {
      expect(authorization).toBe(server === 'hub' ? `Bearer ${hub.token}` : undefined)
    }
    expect(hub.requests.some(({ server }) => server === 'cdn')).toBe(true)
  })

  it.each([
    ['gated', 'open only to accounts', 'Accept its terms at'],
    ['private', 'does not show someone/model to visitors without a token', 'HF_TOKEN'],
  ] as const)('says what to do when it is %s', async (access, message, hint) => {
    const repository = modelRepository({ [FILE]: lfsFile(WEIGHTS) }, { access })
    await start({ repositories: { 'someone/model': repository } })
    const error = await caughtError(() => installModel(place.open(), NAME))
    expect(error.message).toContain(message)
    expect(error.hint).toContain(hint)
    expect(sleep.pauses).toEqual([])
  })

  it('says so when the token is not admitted', async () => {
    const repository = modelRepository({ [FILE]: lfsFile(WEIGHTS) }, { access: 'private' })
    await start({ repositories: { 'someone/model': repository } })
    const store = place.open({ hub: { endpoint: hub.endpoint, sleep, token: 'hf_wrong' } })
    const error = await caughtError(() => installModel(store, NAME))
    expect(error.message).toContain('to the account of this token')
    expect(error.message).not.toContain('hf_wrong')
  })

  it('looks like one that does not exist, except to those with a token', async () => {
    const stranger = await caughtError(() => installModel(place.open(), hubName('no/body')))
    expect(stranger.message).toContain('does not show no/body')
    const store = place.open({ hub: { endpoint: hub.endpoint, sleep, token: hub.token } })
    const known = await caughtError(() => installModel(store, hubName('no/body')))
    expect(known.message).toContain('has no model no/body')
  })

  it('may lack the revision', async () => {
    const error = await caughtError(() => installModel(place.open(), hubName('someone/model@dev')))
    expect(error.message).toBe('someone/model has no such revision.')
  })
})

describe('a server that is not to be trusted', () => {
  it.each([
    'file:///etc/passwd',
    'ftp://127.0.0.1/x',
    'http://user:password@127.0.0.1/x',
    'http://[',
  ])('cannot redirect to %s', async (location) => {
    hub.fail({ path: `/${FILE}`, server: 'hub', kind: 'redirect', location })
    const error = await caughtError(() => installModel(place.open(), NAME))
    expect(error.message).toMatch(/redirects to an address that is not followed/)
  })

  it('cannot send us in circles', async () => {
    hub.fail({
      path: '/tree/',
      kind: 'redirect',
      location: '/api/models/someone/model/tree/x',
      times: 100,
    })
    const error = await caughtError(() => installModel(place.open(), NAME))
    expect(error.message).toMatch(/redirects more than/)
  })

  it.each([
    ['no JSON', 'hello', /does not answer with JSON/],
    ['another form', '{"files":[]}', /another form/],
    [
      'a size that is none',
      '[{"type":"file","path":"a","oid":"' + 'a'.repeat(40) + '","size":-1}]',
      /another form/,
    ],
    ['a hash that is none', '[{"type":"file","path":"a","oid":"../x","size":1}]', /another form/],
    ['an answer without end', 'x'.repeat(5_000_000), /without end/],
  ])('cannot make us believe a listing of %s', async (_, body, reason) => {
    hub.fail({ path: '/tree/', kind: 'body', body })
    const error = await caughtError(() => installModel(place.open(), NAME))
    expect(error.message).toMatch(reason)
  })

  it.each([
    '../../outside.safetensors',
    '/etc/x.safetensors',
    'a/b.safetensors',
    'nul.safetensors',
    'x.py',
  ])('cannot name a shard %j', async (shard) => {
    const index = JSON.stringify({ weight_map: { weight: shard } })
    await start({
      repositories: {
        'someone/model': modelRepository({ 'model.safetensors.index.json': gitFile(index) }),
      },
    })
    const error = await caughtError(() => installModel(place.open(), NAME))
    expect(error.code).toBe('invalid_model')
    expect(error.message).toMatch(/no shard|no file name/)
  })

  it('is told apart from the Hub by what FloCap knows of a model', async () => {
    // The stand-in serves its own files under the name and commit of a known model.
    const known = KNOWN_MODELS.find((model) => model.name === 'base')
    const repository = modelRepository(
      { [FILE]: lfsFile(WEIGHTS) },
      { commit: known?.revision ?? '' },
    )
    await start({ repositories: { [known?.repository ?? '']: repository } })
    const error = await caughtError(() => installModel(place.open(), hubName('base')))
    expect(error.code).toBe('invalid_model')
    expect(error.message).toMatch(/is not the file that FloCap knows/)
    expect(hub.downloadsOf(FILE)).toEqual([])
  })
})

describe('a repository that is no model', () => {
  it.each(['config.json', 'tokenizer.json', 'preprocessor_config.json', FILE])(
    'is refused before anything is fetched when it lacks %s',
    async (missing) => {
      const { files, ...rest } = modelRepository({ [FILE]: lfsFile(WEIGHTS) })
      const left = Object.fromEntries(Object.entries(files).filter(([path]) => path !== missing))
      await start({ repositories: { 'someone/model': { ...rest, files: left } } })
      const error = await caughtError(() => installModel(place.open(), NAME))
      expect(error.code).toBe('invalid_model')
      expect(error.message).toContain(missing)
      expect(hub.requests.some((request) => request.path.includes('/resolve/'))).toBe(false)
    },
  )
})

describe('without a network', () => {
  it('says which files to place, where, and where to get them', async () => {
    const error = await caughtError(() =>
      installModel(place.open({ offline: true }), hubName('large')),
    )
    expect(error.code).toBe('model_not_found')
    expect(error.message).toBe('The model large is not on this machine, and FloCap is offline.')
    const folder = join(
      place.root,
      'models',
      'microsoft--Florence-2-large',
      'f0acedbf9b780e04fe1f9111fcf53187388f3d03',
    )
    expect(error.hint?.split('\n')).toEqual([
      `Place these files of microsoft/Florence-2-large, revision f0acedbf9b780e04fe1f9111fcf53187388f3d03, into ${folder}:`,
      expect.stringMatching(/^ {2}config\.json, 2\.4\d kB \(2445 bytes\), SHA-256 fa08/),
      expect.stringContaining('tokenizer.json'),
      '  pytorch_model.bin, 1.54 GB (1543107459 bytes), SHA-256 a8b6ee61…',
      expect.stringContaining('preprocessor_config.json'),
      expect.stringContaining('tokenizer_config.json'),
      expect.stringContaining('generation_config.json'),
      expect.stringContaining('vocab.json'),
      expect.stringContaining('https://huggingface.co/microsoft/Florence-2-large/tree/f0acedbf'),
    ])
    expect(hub.requests).toEqual([])
  })

  it('says what is missing of a model that is there in part', async () => {
    await caughtError(() =>
      installModel(place.open(), hubName(`someone/model@${COMMIT}`), {
        signal: AbortSignal.abort(),
      }),
    )
    const model = await installModel(place.open(), NAME)
    await rm(join(model.folder, 'tokenizer.json'))
    const error = await caughtError(() =>
      installModel(place.open({ offline: true }), hubName(`someone/model@${COMMIT}`)),
    )
    expect(error.message).toContain('not complete on this machine (tokenizer.json is missing)')
  })

  it('ends soon when there is none, though nobody said so', async () => {
    const store = place.open({ hub: { endpoint: 'http://127.0.0.1:9', sleep } })
    const error = await caughtError(() => installModel(store, NAME))
    expect(error.message).toMatch(/connection to 127\.0\.0\.1:9 failed/)
    expect(error.hint).toContain('HF_ENDPOINT')
  })
})
