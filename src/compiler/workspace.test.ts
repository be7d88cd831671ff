import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { createWorkspace, removeLeftovers, removeWorkspace } from './workspace.ts'

const UUID = '00000000-0000-4000-8000-000000000000'
const TWO_HOURS_MS = 2 * 60 * 60_000

/** A folder with some weights in it, of another time. */
function leave(parent: string, name: string, ageMs: number): void {
  const folder = join(parent, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'weights.bin'), 'half')
  const then = new Date(Date.now() - ageMs)
  for (const path of [join(folder, 'weights.bin'), folder]) utimesSync(path, then, then)
}

async function machineOf(destination: string): Promise<string> {
  const folder = await createWorkspace(destination)
  await removeWorkspace(folder)
  return basename(folder).split('.')[2] ?? ''
}

describe('removeLeftovers', () => {
  it('removes those of processes that have ended, and leaves those of living ones', async () => {
    const parent = temporaryFolder()
    const destination = join(parent, 'auto')
    const machine = await machineOf(destination)
    const { pid: dead } = spawnSync(process.execPath, ['--version'])
    leave(parent, `.fp32.${machine}.${dead}.${UUID}`, 0)
    leave(parent, `.auto.${machine}.${dead}.${UUID}.old`, 0)
    leave(parent, `.auto.${machine}.${process.pid}.${UUID}`, 0)
    leave(parent, `.auto.${machine}.${process.ppid}.${UUID}`, 0)
    const mine = await createWorkspace(destination)
    expect((await removeLeftovers(destination)).toSorted()).toEqual(
      [
        `.auto.${machine}.${dead}.${UUID}.old`,
        `.auto.${machine}.${process.pid}.${UUID}`,
        `.fp32.${machine}.${dead}.${UUID}`,
      ].toSorted(),
    )
    expect(existsSync(mine)).toBe(true)
    expect(existsSync(join(parent, `.auto.${machine}.${process.ppid}.${UUID}`))).toBe(true)
  })

  it('removes those of other machines and earlier versions only when nobody writes to them', async () => {
    const parent = temporaryFolder()
    const destination = join(parent, 'auto')
    leave(parent, `.auto.0badcafe.1.${UUID}`, TWO_HOURS_MS)
    leave(parent, `.fast.0badcafe.1.${UUID}`, 60_000)
    leave(parent, `.auto.${UUID}`, TWO_HOURS_MS)
    leave(parent, `.fp32.${UUID}`, 60_000)
    await removeLeftovers(destination)
    expect(readdirSync(parent).toSorted()).toEqual(
      [`.fast.0badcafe.1.${UUID}`, `.fp32.${UUID}`].toSorted(),
    )
  })

  it('touches nothing else, and needs no folder', async () => {
    const parent = temporaryFolder()
    for (const name of ['auto', 'fp32', '.cache', '.auto.backup', 'origin.json']) {
      leave(parent, name, TWO_HOURS_MS)
    }
    expect(await removeLeftovers(join(parent, 'auto'))).toEqual([])
    expect(await removeLeftovers(join(parent, 'absent', 'auto'))).toEqual([])
  })
})
