// Several processes that want the same model at the same time, and processes that are killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createTemporaryStore,
  modelRepository,
  noise,
  type TemporaryStore,
} from '../../support/model-repository.ts'
import { lfsFile, sha256Of, type StandInHub, startStandInHub } from '../../support/stand-in-hub.ts'

const CHILD = fileURLToPath(new URL('install-child.mjs', import.meta.url))
const BUILT = fileURLToPath(new URL('../../../dist/store/install.js', import.meta.url))
const WEIGHTS = noise(400_000)
const FILE = 'model.safetensors'

let hub: StandInHub
let place: TemporaryStore
const running = new Set<ChildProcess>()

beforeEach(async () => {
  if (!existsSync(BUILT)) throw new Error('These tests run the built program: npm run build.')
  hub = await startStandInHub({
    repositories: { 'someone/model': modelRepository({ [FILE]: lfsFile(WEIGHTS) }) },
  })
  place = await createTemporaryStore()
})

afterEach(async () => {
  for (const child of running) child.kill('SIGKILL')
  await hub.close()
  await place.remove()
})

interface Child {
  readonly process: ChildProcess
  readonly events: readonly Record<string, unknown>[]
  /** Resolves with the last event when the process has ended. */
  readonly ended: Promise<Record<string, unknown> | undefined>
  /** Resolves when an event of this kind came; fails when the process ends without it. */
  until(kind: string): Promise<void>
}

function install(): Child {
  const child = spawn(process.execPath, [CHILD, hub.endpoint, place.root, 'someone/model'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.add(child)
  const events: Record<string, unknown>[] = []
  const lines = createInterface({ input: child.stdout })
  const news = new EventEmitter()
  lines.on('line', (line) => {
    events.push(JSON.parse(line))
    news.emit('event')
  })
  const ended = new Promise<Record<string, unknown> | undefined>((resolve) => {
    child.once('close', () => {
      running.delete(child)
      news.emit('event')
      resolve(events.at(-1))
    })
  })
  const until = async (kind: string): Promise<void> => {
    while (!events.some((event) => event['kind'] === kind)) {
      if (!running.has(child)) throw new Error(`it ended without '${kind}'`)
      await once(news, 'event')
    }
  }
  return { process: child, events, ended, until }
}

describe('processes that start together', () => {
  it('download a model once, and all of them get it', async () => {
    hub.fail({ path: FILE, server: 'cdn', kind: 'slow', chunkBytes: 40_000, pauseMs: 100 })
    const children = [install(), install(), install()]
    const results = await Promise.all(children.map((child) => child.ended))
    for (const result of results)
      expect(result).toMatchObject({ kind: 'installed', verified: true })
    expect(hub.downloadsOf(FILE)).toHaveLength(1)
    expect(hub.downloadsOf('config.json')).toHaveLength(1)
    const waited = children.filter((child) => child.events.some(({ kind }) => kind === 'lock-wait'))
    expect(waited).toHaveLength(2)
    const folder = String(results[0]?.['folder'])
    expect(sha256Of(await readFile(join(folder, FILE)))).toBe(sha256Of(WEIGHTS))
    expect(await readdir(join(place.root, 'locks'))).toEqual([])
  })

  it('take over when the one that downloads is killed, and go on where it was', async () => {
    hub.fail({ path: FILE, server: 'cdn', kind: 'stall', afterBytes: 160_000 })
    const first = install()
    await expect
      .poll(() => hub.downloadsOf(FILE).length > 0 && hub.sentBytes() > 130_000)
      .toBe(true)
    const second = install()
    await second.until('lock-wait')
    first.process.kill('SIGKILL')
    expect(await second.ended).toMatchObject({ kind: 'installed', verified: true })
    const ranges = hub.downloadsOf(FILE).map((request) => request.range)
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)])
  })
})
