// Sessions take numbers that float32 can only write without its leading one as nothing. On Intel's
// processors each costs a hundred times as much as another, and a softmax makes many.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ExternalDataWriter } from '../../src/onnx/external-data.ts'
import { Graph } from '../../src/onnx/graph.ts'
import { renderModel } from '../../src/onnx/model-file.ts'
import { softmax } from '../../src/onnx/ops/math.ts'
import { floats, floatsOf, openSession } from '../../src/runtime/session.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const ROW = 16
const SMALLEST_NORMAL = 2 ** -126

it('makes nothing of numbers below the smallest normal one', async () => {
  const folder = temporaryFolder()
  const g = new Graph('softmax', new ExternalDataWriter(join(folder, 'w.bin'), 'w.bin'))
  g.output('weights', softmax(g, g.input('scores', 'f32', [1, ROW])))
  writeFileSync(join(folder, 'm.onnx'), renderModel(g))
  const session = await openSession(folder, 'm.onnx', { threads: 1 })
  const scores = Float32Array.from({ length: ROW }, (_, i) => -6 * i)
  const weights = floatsOf(await session.run({ scores: floats(scores, [1, ROW]) }), 'weights')
  await session.close()

  expect(Math.exp(scores.at(-1)!)).toBeGreaterThan(0)
  expect(Math.exp(scores.at(-1)!)).toBeLessThan(SMALLEST_NORMAL)
  expect([...weights].filter((weight) => weight < SMALLEST_NORMAL)).toEqual([0])
})
