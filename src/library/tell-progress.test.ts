import { expect, it } from 'vitest'
import type { Progress } from './options.ts'
import { createProgressTeller } from './tell-progress.ts'

it('stages come in their order and shares never fall, whoever tells them', () => {
  const told: Progress[] = []
  const { tell, stop } = createProgressTeller((progress) => void told.push(progress))
  const all: [Progress['stage'], number | undefined][] = [
    ['download', undefined],
    ['download', 0.5],
    ['download', 0.25],
    ['download', 1],
    ['compile', 0],
    ['compile', 0],
    ['compile', 0.5],
    ['download', 0.75],
    ['compile', 1],
    ['load', undefined],
    ['compile', 0.5],
    ['load', undefined],
  ]
  for (const [stage, fraction] of all) tell({ stage, fraction })
  stop()
  tell({ stage: 'load', fraction: 1 })
  expect(told.map(({ stage, fraction }) => [stage, fraction])).toEqual([
    ['download', undefined],
    ['download', 0.5],
    ['download', 1],
    ['compile', 0],
    ['compile', 0.5],
    ['compile', 1],
    ['load', undefined],
  ])
})
