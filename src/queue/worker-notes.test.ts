import { expect, it } from 'vitest'
import type { SharedStore } from './shared-store.ts'
import type { WorkerNote } from './ports.ts'
import { announce, listWorkers } from './worker-notes.ts'

/** What a broker keeps, without its expiry. */
function createStore(): SharedStore & { readonly values: Map<string, string> } {
  const values = new Map<string, string>()
  const missing = async (): Promise<never> => Promise.reject(new Error('It is not asked for.'))
  return {
    values,
    put: async (name, value) => void values.set(name, value),
    get: async (name) => values.get(name),
    list: async (prefix) =>
      [...values].flatMap(([name, value]) => (name.startsWith(prefix) ? [value] : [])),
    remove: async (name) => void values.delete(name),
    putIfAbsent: missing,
    prolong: missing,
    close: async () => undefined,
  }
}

const NOTE: WorkerNote = {
  id: 'a',
  model: 'florence-2-base',
  fingerprint: 'f'.repeat(64),
  kernels: 'cpu-avx2',
  device: 'cpu',
  places: 4,
  secondsEach: null,
  draining: false,
}

it('lists the workers that have announced themselves', async () => {
  const store = createStore()
  await announce(store, NOTE)
  await announce(store, { ...NOTE, id: 'b', secondsEach: 1.5, draining: true })
  expect((await listWorkers(store)).map(({ id }) => id)).toEqual(['a', 'b'])
})

it.each([
  ['no JSON', '{'],
  ['nothing', 'null'],
  ['a text', '"worker"'],
  ['deep JSON', '['.repeat(100_000)],
  ['a note of another version', JSON.stringify({ ...NOTE, places: undefined })],
  ['more places than there are', JSON.stringify({ ...NOTE, places: 1e15 })],
  ['fewer places than one', JSON.stringify({ ...NOTE, places: -5 })],
  ['half a place', JSON.stringify({ ...NOTE, places: 0.5 })],
  ['a time before it began', JSON.stringify({ ...NOTE, secondsEach: -1 })],
  ['a name that no queue can have', JSON.stringify({ ...NOTE, fingerprint: 'a:b' })],
  ['kernels of a megabyte', JSON.stringify({ ...NOTE, kernels: 'k'.repeat(1_000_000) })],
  ['a fingerprint of the language', `{"__proto__":${JSON.stringify(NOTE)}}`],
])('is not kept from them by %s', async (_name, text) => {
  const store = createStore()
  store.values.set('worker:x', text)
  await announce(store, NOTE)
  expect(await listWorkers(store)).toEqual([NOTE])
})
