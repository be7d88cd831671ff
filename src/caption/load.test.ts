import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLoadMeter, TARGET_LOAD } from './load.ts'

const MINUTE = 60_000

/** A meter on a clock that the test moves. */
function createMeter(engines = 1) {
  const clock = { ms: 0 }
  const meter = createLoadMeter(engines, () => clock.ms)
  const pass = (ms: number): void => {
    clock.ms += ms
  }
  return { meter, pass }
}

describe('createLoadMeter', () => {
  it('charges requests that run side by side their share of the machine', () => {
    const { meter, pass } = createMeter()
    const ends = [meter.begin(), meter.begin(), meter.begin(), meter.begin()]
    pass(8_000)
    for (const end of ends) end(true)
    expect(meter.serviceMs).toBeCloseTo(2_000)
  })

  it('charges a request alone for one of several engines that part of the machine', () => {
    const { meter, pass } = createMeter(4)
    const end = meter.begin()
    pass(4_000)
    end(true)
    expect(meter.serviceMs).toBeCloseTo(1_000)
  })

  it('learns nothing about answers from what fails', () => {
    const { meter, pass } = createMeter()
    const answered = meter.begin()
    pass(1_000)
    answered(true)
    const failed = meter.begin()
    pass(5 * MINUTE)
    failed(false)
    expect(meter.serviceMs).toBeCloseTo(1_000)
  })

  it('asks for nothing where nothing is asked, and forgets a load', () => {
    const { meter, pass } = createMeter()
    expect(meter.desiredReplicas(0)).toBe(0)
    const end = meter.begin()
    pass(10 * MINUTE)
    expect(meter.desiredReplicas(0)).toBeCloseTo(1 / TARGET_LOAD, 2)
    end(true)
    pass(10 * MINUTE)
    expect(meter.desiredReplicas(0)).toBeCloseTo(0, 2)
  })

  it('asks for the servers that answer what waits within 30 seconds', () => {
    const { meter, pass } = createMeter()
    const end = meter.begin()
    pass(3_000)
    end(true)
    const idle = meter.desiredReplicas(0)
    // 20 requests of 3 seconds are the work of two servers for 30 seconds.
    expect(meter.desiredReplicas(20) - idle).toBeCloseTo(2 / TARGET_LOAD)
  })

  it('adds up to arrivals x service time / 0.75 over any number of servers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        (servers, load) => {
          let sum = 0
          for (let server = 0; server < servers; server += 1) {
            const { meter, pass } = createMeter()
            for (let request = 0; request < 600; request += 1) {
              const end = meter.begin()
              pass(1_000 * load)
              end(true)
              pass(1_000 * (1 - load))
            }
            sum += meter.desiredReplicas(0)
          }
          const wanted = (servers * load) / TARGET_LOAD
          expect(Math.abs(sum - wanted) / wanted).toBeLessThan(0.05)
        },
      ),
      { numRuns: 20 },
    )
  })
})
