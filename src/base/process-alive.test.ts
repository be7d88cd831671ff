import { spawnSync } from 'node:child_process'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { isProcessAlive } from './process-alive.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

describe('isProcessAlive', () => {
  it('tells the living from the dead', () => {
    expect(isProcessAlive(process.pid)).toBe(true)
    expect(isProcessAlive(process.ppid)).toBe(true)
    const { pid } = spawnSync(process.execPath, ['--version'])
    expect(isProcessAlive(pid)).toBe(false)
  })

  it('takes a process of another user for a living one', () => {
    vi.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
    })
    expect(isProcessAlive(1)).toBe(true)
  })
})
