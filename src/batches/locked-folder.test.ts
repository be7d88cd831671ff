// What every line of a batch asks for must cost no memory that stays.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { createLockedFolder } from './locked-folder.ts'

const MANY = 100_000
/** A tenth of what the smallest thing that stays of each would come to. */
const GROWTH_BYTES = 4 * 1024 * 1024

setFlagsFromString('--expose-gc')
const collectGarbage: unknown = runInNewContext('gc')

function heapBytes(): number {
  if (typeof collectGarbage !== 'function') throw new TypeError('Expected a garbage collector.')
  collectGarbage()
  return process.memoryUsage().heapUsed
}

it('keeps nothing of those who open it when it is open', async () => {
  const lock = async () => ({ release: async () => undefined })
  const folder = createLockedFolder(temporaryFolder(), lock, new AbortController().signal)
  let prepared = 0
  const prepare = async (): Promise<void> => {
    prepared += 1
  }
  await folder.open(prepare)
  const before = heapBytes()
  for (let turn = 0; turn < MANY; turn += 1) await folder.open(prepare)
  expect(heapBytes() - before).toBeLessThan(GROWTH_BYTES)
  expect(prepared).toBe(1)
  await folder.close()
})
