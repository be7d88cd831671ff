import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { watchFolders, type WatchOptions } from './watch-folders.ts'

function start(folder: string, options: Partial<WatchOptions> = {}) {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const batches = watchFolders([folder], {
    recursive: true,
    writesPictures: false,
    signal: stop.signal,
    stillMs: 300,
    ...options,
  })
  const next = async (): Promise<readonly string[]> => {
    const { value, done } = await batches.next()
    return done === true ? ['(ended)'] : value.map(({ path }) => basename(path))
  }
  return { next, stop }
}

describe.each([
  ['by the notices of the system', {}],
  ['by looking', { pollMs: 50 }],
] as const)('watchFolders, %s', (_, options) => {
  it('gives what is there, then what comes, in new folders too', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'b.png'), 'b')
    writeFileSync(join(folder, 'a.png'), 'a')
    const { next, stop } = start(folder, options)
    expect(await next()).toEqual(['a.png', 'b.png'])
    const coming = next()
    await sleep(100)
    mkdirSync(join(folder, 'new', 'deep'), { recursive: true })
    writeFileSync(join(folder, 'new', 'deep', 'c.png'), 'c')
    expect(await coming).toEqual(['c.png'])
    const changed = next()
    await sleep(100)
    appendFileSync(join(folder, 'a.png'), 'more')
    expect(await changed).toEqual(['a.png'])
    const ended = next()
    stop.abort()
    expect(await ended).toEqual(['(ended)'])
  })

  it('waits for a file that grows; one that goes or gets its name meanwhile is no half file', async () => {
    const folder = temporaryFolder()
    const { next } = start(folder, { ...options, stillMs: 2000 })
    const coming = next()
    writeFileSync(join(folder, 'gone.png'), 'x')
    writeFileSync(join(folder, 'part.tmp'), 'x')
    writeFileSync(join(folder, 'slow.png'), 'x')
    await sleep(300)
    rmSync(join(folder, 'gone.png'))
    renameSync(join(folder, 'part.tmp'), join(folder, 'whole.png'))
    appendFileSync(join(folder, 'slow.png'), 'x')
    const names = new Set(await coming)
    while (!names.has('slow.png') || !names.has('whole.png')) {
      for (const name of await next()) names.add(name)
    }
    expect([...names].toSorted()).toEqual(['slow.png', 'whole.png'])
  })

  it('takes what the run itself writes into pictures for nothing new', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'a.png'), 'a')
    const { next } = start(folder, { ...options, writesPictures: true })
    expect(await next()).toEqual(['a.png'])
    appendFileSync(join(folder, 'a.png'), 'a caption')
    const coming = next()
    await sleep(700)
    writeFileSync(join(folder, 'b.png'), 'b')
    expect(await coming).toEqual(['b.png'])
  })
})

it('looks by itself where the system watches nothing, and finds a folder that comes back', async () => {
  const folder = temporaryFolder()
  const away = join(folder, 'drive')
  mkdirSync(away)
  writeFileSync(join(away, 'a.png'), 'a')
  const { next } = start(away, { pollMs: 50 })
  expect(await next()).toEqual(['a.png'])
  const coming = next()
  renameSync(away, join(folder, 'unplugged'))
  await sleep(300)
  renameSync(join(folder, 'unplugged'), away)
  writeFileSync(join(away, 'b.png'), 'b')
  expect(await coming).toEqual(['b.png'])
})
