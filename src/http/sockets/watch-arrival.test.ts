import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ARRIVAL_LIMITS, watchArrival } from './watch-arrival.ts'

const { wholeMs, windowMs, windowBytes } = ARRIVAL_LIMITS

/** A request that is on its way, with a socket whose bytes the test counts. */
function arriving(url: string, method = 'POST') {
  const socket = new Socket()
  let bytes = 0
  Object.defineProperty(socket, 'bytesRead', { get: () => bytes })
  const incoming = new IncomingMessage(socket)
  incoming.method = method
  incoming.url = url
  const onLate = vi.fn<() => void>()
  watchArrival(incoming, ARRIVAL_LIMITS, onLate)
  return {
    incoming,
    onLate,
    /** So many windows pass, with so many bytes in each. */
    pass: (windows: number, bytesOfEach: number): void => {
      for (let window = 0; window < windows; window += 1) {
        bytes += bytesOfEach
        vi.advanceTimersByTime(windowMs)
      }
    },
  }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a request that takes its time', () => {
  it('is late when it has not arrived as a whole, however fast it comes', () => {
    const { pass, onLate } = arriving('/v1/chat/completions')
    pass(wholeMs / windowMs - 1, 100 * windowBytes)
    expect(onLate).not.toHaveBeenCalled()
    pass(1, 100 * windowBytes)
    expect(onLate).toHaveBeenCalledOnce()
  })

  it.each(['/v1/files', '/base/v1/files?x=1'])(
    'may go on for hours as an upload to %s, until it trickles',
    (url) => {
      const { pass, onLate } = arriving(url)
      pass(600, windowBytes)
      expect(onLate).not.toHaveBeenCalled()
      pass(10, windowBytes - 1)
      expect(onLate).toHaveBeenCalledOnce()
    },
  )

  it.each([
    ['POST', '/v1/filesystem'],
    ['POST', '/v1/files/file-1'],
    ['PUT', '/v1/files'],
  ])('is no upload as %s %s', (method, url) => {
    const { pass, onLate } = arriving(url, method)
    pass(wholeMs / windowMs, 100 * windowBytes)
    expect(onLate).toHaveBeenCalledOnce()
  })

  it('is no longer watched when it is there, or gone', () => {
    for (const event of ['end', 'close'] as const) {
      const { incoming, pass, onLate } = arriving('/v1/files')
      incoming.emit(event)
      pass(10, 0)
      expect(onLate).not.toHaveBeenCalled()
    }
    const { incoming, pass, onLate } = arriving('/api/v1/caption')
    incoming.complete = true
    pass(10, 0)
    expect(onLate).not.toHaveBeenCalled()
  })
})
