// What `flocap caption` says before it has anything to do.
import { afterEach, expect, it, vi } from 'vitest'
import { caption } from './caption.ts'

afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

it('asks for pictures where none are named', async () => {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  await caption([], {})
  expect(printed.mock.calls.map(([line]) => String(line)).join('\n')).toMatch(
    /^flocap: Expected pictures, folders or patterns, got none\.\n {2}Such as '\S.* caption photo\.jpg'/,
  )
  expect(process.exitCode).toBe(2)
})

it('names a list that is not there', async () => {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  await caption([], { from: 'no-list.txt' })
  expect(printed.mock.calls[0]).toEqual(['no-list.txt: There is no such file.'])
  expect(process.exitCode).toBe(2)
})
