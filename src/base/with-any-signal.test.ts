import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { withAnySignal } from './with-any-signal.ts'

const untilAborted = async (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)))

it.each([0, 1])('ends work by signal %i, with its reason', async (which) => {
  const controllers = [new AbortController(), new AbortController()]
  const reason = await withAnySignal(
    controllers.map(({ signal }) => signal),
    async (signal) => {
      const told = untilAborted(signal)
      controllers[which]?.abort('the reason')
      return told
    },
  )
  expect(reason).toBe('the reason')
})

it('begins aborted where one is', async () => {
  const aborted = AbortSignal.abort('before')
  const seen = await withAnySignal([new AbortController().signal, aborted], async (signal) => [
    signal.aborted,
    signal.reason,
  ])
  expect(seen).toEqual([true, 'before'])
})

it('leaves nothing on the signals, however work ends', async () => {
  const { signal } = new AbortController()
  await withAnySignal([signal], async () => undefined)
  await withAnySignal([signal], () => Promise.reject(new Error('fails'))).catch(() => undefined)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
