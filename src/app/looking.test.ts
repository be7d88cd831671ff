import { describe, expect, it } from 'vitest'
import { createFakeVisionModel } from '../../test/support/fake-vision-model.ts'
import { caughtError } from '../../test/support/caught-error.ts'
import { withAdmission, DEFAULT_ADMISSION } from '../caption/admission.ts'
import { createModelCaptioner } from '../caption/model-captioner.ts'
import type { LookRequest } from '../caption/ports.ts'
import { runForClient } from '../http/request-client.ts'
import { createLook } from './looking.ts'

const { signal } = new AbortController()
const pictures = (...bytes: readonly number[]) => bytes.map((byte) => Uint8Array.of(byte))

/** With one place, which `hold` takes. */
function createQueue(maxWaiting = 1) {
  const model = createFakeVisionModel()
  const looked: LookRequest[] = []
  const queue = withAdmission(createModelCaptioner(model), {
    ...DEFAULT_ADMISSION,
    places: 1,
    maxWaiting,
  })
  const look = createLook(
    {
      look: async (request) => {
        looked.push(request)
        return model.look(request)
      },
    },
    queue,
    { background: 'black' },
  )
  const hold = (): (() => void) => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    void queue.admit(0, {}, async () => held)
    return release
  }
  return { look, looked, queue, hold }
}

describe('looks', () => {
  it('are taken as the settings say, in the order of the pictures, each picture once', async () => {
    const { look, looked } = createQueue()
    const [one, two] = await look(pictures(1, 2), signal)
    const [again, other, three] = await look(pictures(2, 1, 3), signal)
    expect([again, other]).toEqual([two, one])
    expect(three).not.toEqual(one)
    expect(looked.map(({ picture }) => picture[0])).toEqual([1, 2, 3])
    expect(looked[0]).toMatchObject({ applyOrientation: true, background: 'black' })
  })

  it('wait for their turn, and are refused when the queue is full; known ones are not', async () => {
    const { look, looked, queue, hold } = createQueue()
    await look(pictures(9), signal)
    const release = hold()
    const first = look(pictures(1, 2), signal)
    await Promise.resolve()
    expect([queue.waiting, looked.length]).toEqual([1, 1])
    await expect(look(pictures(3, 4), signal)).rejects.toMatchObject({ code: 'queue_full' })
    expect(await look(pictures(9), signal)).toHaveLength(1)
    release()
    expect(await first).toHaveLength(2)
  })

  it('stand in the queue for their own client', async () => {
    const { look, queue, hold } = createQueue(2)
    const release = hold()
    const flood = [1, 2].map(async (byte) =>
      runForClient('flood', async () => look(pictures(byte), signal)),
    )
    const refused = caughtError(async () => flood[1])
    const other = runForClient('other', async () => look(pictures(3), signal))
    expect(queue.waiting).toBe(2)
    release()
    expect(await other).toHaveLength(1)
    expect(await flood[0]).toHaveLength(1)
    expect(await refused).toMatchObject({ code: 'queue_full' })
  })

  it('end with their request', async () => {
    const { look, looked, hold } = createQueue()
    const release = hold()
    const ended = new AbortController()
    const waiting = look(pictures(1, 2), ended.signal)
    ended.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
    release()
    expect(looked).toEqual([])
  })
})
