// Two waiters and a stale lock, interleaved so that a new lock appears while the first one breaks it.
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { acquireLock } from './lock.ts'

const hooks = vi.hoisted(() => ({
  beforeOpen: async (_path: string): Promise<void> => undefined,
  beforeRemove: async (_path: string): Promise<void> => undefined,
}))

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fs>()
  return {
    ...real,
    open: async (...args: Parameters<typeof fs.open>) => {
      await hooks.beforeOpen(String(args[0]))
      return real.open(...args)
    },
    rm: async (...args: Parameters<typeof fs.rm>) => {
      await hooks.beforeRemove(String(args[0]))
      return real.rm(...args)
    },
  }
})

it('a lock is broken under its own mark only, never under that of the one before', async () => {
  const path = join(temporaryFolder(), 'locks', 'model.lock')
  const { pid } = spawnSync(process.execPath, ['--version'])
  const write = async (secret: string): Promise<void> =>
    fs.writeFile(path, JSON.stringify({ pid, host: hostname(), secret }))
  const [first, second] = ['a'.repeat(32), 'b'.repeat(32)]
  await fs.mkdir(dirname(path), { recursive: true })
  await write(first)

  const removedUnder: string[] = []
  let replaced = false
  hooks.beforeOpen = async (opened) => {
    // Somebody else has broken the first lock, made one and died, just now.
    if (opened !== `${path}.${first}.breaking` || replaced) return
    replaced = true
    await write(second)
  }
  hooks.beforeRemove = async (removed) => {
    if (removed !== path) return
    const names = await fs.readdir(dirname(path))
    removedUnder.push(...names.filter((name) => name.endsWith('.breaking')))
  }
  const lock = await acquireLock(path, { pollMs: 5 })
  expect(replaced).toBe(true)
  expect(removedUnder).toEqual([`model.lock.${second}.breaking`])
  await lock.release()
})
