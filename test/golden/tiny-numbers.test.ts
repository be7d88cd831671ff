// Sessions take numbers that float32 can only write without its leading one as nothing. On Intel's
// processors each costs many times as much as another, and a softmax makes many.
import { expect, it } from 'vitest'
import { softmax } from '../../src/onnx/ops/math.ts'
import { floats, floatsOf } from '../../src/runtime/session.ts'
import { runGraph } from '../support/run-graph.ts'

const ROW = 16
const SMALLEST_NORMAL = 2 ** -126

it('makes nothing of numbers below the smallest normal one', async () => {
  const scores = Float32Array.from({ length: ROW }, (_, i) => -6 * i)
  const results = await runGraph({ scores: floats(scores, [1, ROW]) }, (g) => ({
    weights: softmax(g, g.input('scores', 'f32', [1, ROW])),
  }))

  expect(Math.exp(scores.at(-1)!)).toBeGreaterThan(0)
  expect(Math.exp(scores.at(-1)!)).toBeLessThan(SMALLEST_NORMAL)
  const weights = [...floatsOf(results, 'weights')]
  expect(weights.filter((weight) => weight < SMALLEST_NORMAL)).toEqual([0])
})
