import { expect, it } from 'vitest'
import { createSteps } from './steps.ts'

it('the share of steps that are done never falls, though more may come', () => {
  const told: number[] = []
  const steps = createSteps((fraction) => void told.push(fraction))
  steps.expect(4)
  for (let step = 0; step < 3; step += 1) steps.done()
  // The measurement was not good enough: two more.
  steps.expect(2)
  for (let step = 0; step < 3; step += 1) steps.done()
  expect(told).toEqual([0.25, 0.5, 0.75, 5 / 6, 1])
})
