import { describe, expect, it } from 'vitest'
import { createTransferRate } from './transfer-rate.ts'

describe('the rate of a transfer', () => {
  let time = 0
  const create = () => {
    time = 0
    return createTransferRate(() => time)
  }

  it('is not known before there is something to measure', () => {
    const rate = create()
    expect(rate.bytesPerSecond()).toBeUndefined()
    rate.note(400)
    expect(rate.bytesPerSecond()).toBeUndefined()
  })

  it('does not count what was there before', () => {
    const rate = create()
    rate.note(1_000_000)
    time = 2000
    rate.note(1_000_400)
    expect(rate.bytesPerSecond()).toBe(200)
  })

  it('is of the last ten seconds', () => {
    const rate = create()
    for (let second = 0; second <= 60; second += 1) {
      time = second * 1000
      rate.note(second < 30 ? second * 1000 : 30_000 + (second - 30) * 10)
    }
    expect(rate.bytesPerSecond()).toBe(10)
  })

  it('falls while nothing comes', () => {
    const rate = create()
    rate.note(0)
    time = 1000
    rate.note(1000)
    time = 4000
    expect(rate.bytesPerSecond()).toBe(250)
  })

  it('begins once more with a file that does', () => {
    const rate = create()
    rate.note(5000)
    time = 1000
    rate.note(100)
    time = 2000
    rate.note(300)
    expect(rate.bytesPerSecond()).toBe(200)
  })
})
