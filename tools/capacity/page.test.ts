// Keeps docs/guide/capacity.md equal to the simulation: `npx vitest run PATH --update` writes it.
import { expect, it } from 'vitest'
import { breakEvenSeconds, costs, planFleet, repeatsFound, usdAMillion } from './plan.ts'
import { renderPage } from './page.ts'

it('is the page of the documentation', async () => {
  await expect(renderPage()).toMatchFileSnapshot('../../docs/guide/capacity.md')
})

it('takes the figures of base from the bench', () => {
  const [greedy] = costs()
  expect(greedy).toMatchObject({ model: 'base', search: 'greedy' })
  expect(greedy?.seconds).toBeCloseTo(1.698, 3)
})

it('counts servers and money', () => {
  // 1.8 s are 500 hours a million.
  expect(usdAMillion(1.8, 1)).toBeCloseTo(50)
  expect(usdAMillion(1.8, 0.5)).toBeCloseTo(100)
  // One picture a second of 2 s: 2 servers' work; three times that at 75 % are 8.
  expect(planFleet(30 * 24 * 3600, 2)).toEqual({ rate: 1, interactive: 8, bulk: 3, cells: 1 })
  expect(planFleet(1, 2)).toMatchObject({ interactive: 2, bulk: 1 })
  expect(breakEvenSeconds(2, 1)).toBeCloseTo(0.2)
})

it('finds known answers by chance', () => {
  expect(repeatsFound(1, 5)).toBe(1)
  // The second request comes to the first one's server.
  expect(repeatsFound(4, 2)).toBeCloseTo(1 / 4)
})
