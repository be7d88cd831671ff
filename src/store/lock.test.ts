import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { acquireLock, type LockOwner, withLock } from './lock.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flocap-lock-'))
  path = join(folder, 'locks', 'model.lock')
})
afterEach(() => rm(folder, { recursive: true }))

const FAST = { pollMs: 5 }

/** A process number that surely belongs to nobody: that of a process which has ended. */
function deadProcess(): number {
  return spawnSync(process.execPath, ['--version']).pid
}

async function writeLock(owner: Partial<LockOwner> | string, untouchedMs = 0): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const content =
    typeof owner === 'string'
      ? owner
      : JSON.stringify({ pid: process.pid, host: hostname(), secret: 'a'.repeat(32), ...owner })
  await writeFile(path, content)
  const time = new Date(Date.now() - untouchedMs)
  await utimes(path, time, time)
}

/** Whether the lock can be had without waiting for its holder. */
async function isFree(options: { readonly staleMs?: number } = {}): Promise<boolean> {
  const abort = new AbortController()
  try {
    const lock = await acquireLock(path, {
      ...FAST,
      ...options,
      signal: abort.signal,
      onWait: () => abort.abort(),
    })
    await lock.release()
    return true
  } catch (error) {
    if (!abort.signal.aborted) throw error
    return false
  }
}

describe('a lock', () => {
  it('lets one piece of work after the other happen', async () => {
    let running = 0
    const order: number[] = []
    const work = (index: number): Promise<void> =>
      withLock(path, FAST, async () => {
        running += 1
        expect(running).toBe(1)
        await sleep(5)
        order.push(index)
        running -= 1
      })
    await Promise.all(Array.from({ length: 8 }, (_, index) => work(index)))
    expect(order.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(await readdir(join(folder, 'locks'))).toEqual([])
  })

  it('is released when the work fails', async () => {
    const failed = withLock(path, FAST, () => Promise.reject(new Error('work failed')))
    await expect(failed).rejects.toThrow('work failed')
    expect(await isFree()).toBe(true)
  })

  it('says whom it waits for, once', async () => {
    const lock = await acquireLock(path)
    const waited: (LockOwner | undefined)[] = []
    const second = acquireLock(path, { ...FAST, onWait: (owner) => waited.push(owner) })
    await sleep(60)
    await lock.release()
    await (await second).release()
    expect(waited).toEqual([lock.owner])
  })

  it('stops waiting when it is told to', async () => {
    const lock = await acquireLock(path)
    const waiting = acquireLock(path, { ...FAST, signal: AbortSignal.timeout(30) })
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
    await lock.release()
    await expect(acquireLock(path, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    })
  })

  it('shows that its holder lives', async () => {
    const lock = await acquireLock(path, { touchMs: 5 })
    const old = new Date(Date.now() - 60_000)
    await utimes(path, old, old)
    await expect.poll(async () => Date.now() - (await stat(path)).mtimeMs).toBeLessThan(10_000)
    await lock.release()
  })

  it('does not take away a lock that another one has made meanwhile', async () => {
    const lock = await acquireLock(path)
    await writeFile(path, JSON.stringify({ ...lock.owner, secret: 'b'.repeat(32) }))
    await lock.release()
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ secret: 'b'.repeat(32) })
  })
})

describe('a lock that was left behind', () => {
  it('by a process that has ended is broken', async () => {
    await writeLock({ pid: deadProcess() })
    expect(await isFree()).toBe(true)
  })

  it('by an earlier process with our own number, as in containers, is broken', async () => {
    await writeLock({ pid: process.pid })
    expect(await isFree()).toBe(true)
  })

  it('by a living process is respected', async () => {
    await writeLock({ pid: process.ppid })
    expect(await isFree()).toBe(false)
  })

  it('by a living process of another user is respected', async () => {
    const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
    })
    await writeLock({ pid: process.ppid })
    expect(await isFree()).toBe(false)
    kill.mockRestore()
  })

  it('by a living process that has not touched it for long is broken', async () => {
    await writeLock({ pid: process.ppid }, 10 * 60_000)
    expect(await isFree()).toBe(true)
  })

  it('by another machine is respected until it was not touched for long', async () => {
    await writeLock({ host: 'elsewhere', pid: deadProcess() })
    expect(await isFree()).toBe(false)
    expect(await isFree({ staleMs: 0 })).toBe(true)
  })

  it.each(['', '{', 'null', '{"pid":-1}', '{"pid":"1","host":"x","secret":"y"}'])(
    'with the content %j is broken after some seconds',
    async (content) => {
      await writeLock(content)
      expect(await isFree()).toBe(false)
      await writeLock(content, 15_000)
      expect(await isFree()).toBe(true)
    },
  )

  it('is broken by one of many waiters, and then each gets its turn alone', async () => {
    await writeLock({ pid: deadProcess() })
    let running = 0
    let turns = 0
    const waiters = Array.from({ length: 12 }, () =>
      withLock(path, FAST, async () => {
        running += 1
        expect(running).toBe(1)
        await sleep(3)
        running -= 1
        turns += 1
      }),
    )
    await Promise.all(waiters)
    expect(turns).toBe(12)
    expect(await readdir(join(folder, 'locks'))).toEqual([])
  })

  it('is broken even when a process died while it broke it', async () => {
    await writeLock({ pid: deadProcess() })
    const mark = `${path}.${'a'.repeat(32)}.breaking`
    await writeFile(mark, '')
    const old = new Date(Date.now() - 60_000)
    await utimes(mark, old, old)
    const lock = await acquireLock(path, FAST)
    await lock.release()
    expect(await readdir(join(folder, 'locks'))).toEqual([])
  })
})
