// What this machine can do at most, measured by the kernels that FloCap uses: float32 and 8-bit matrix
// products on all cores, and reading memory.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSession } from '../dist/runtime/session.js'
import { ExternalDataWriter } from '../dist/onnx/external-data.js'
import { Graph } from '../dist/onnx/graph.js'
import { renderModel } from '../dist/onnx/model-file.js'
import { matMul } from '../dist/onnx/ops/math.js'
import { dynamicQuantizeMatMul } from '../dist/onnx/ops/quantized.js'
import { Tensor } from '../dist/runtime/onnxruntime.js'
import { measureReadSpeed } from './memory-speed.mjs'

const [M, K, N] = [2304, 512, 2048]
/** Long enough to meet a quiet moment of a machine with neighbours. */
const PRODUCT_MS = 3000

/** GFLOP/s, GOP/s and GB/s; the best of several runs, since a peak is what was possible. */
export async function measurePeaks() {
  return {
    float32Gflops: await product((g, x) =>
      matMul(g, x, g.tensor('w', new Float32Array(K * N).fill(0.01), [K, N])),
    ),
    int8Gops: await product((g, x) =>
      dynamicQuantizeMatMul(
        g,
        x,
        {
          values: g.tensor('w', new Int8Array(K * N).fill(3), [K, N]),
          scales: g.tensor('s', new Float32Array(N).fill(0.01), [N]),
        },
        null,
      ),
    ),
    readGbPerSecond: await measureReadSpeed(),
  }
}

async function product(build) {
  const folder = mkdtempSync(join(tmpdir(), 'flocap-peaks-'))
  const external = new ExternalDataWriter(join(folder, 'w.bin'), 'w.bin')
  const g = new Graph('product', external)
  const x = g.input('x', 'f32', [M, K])
  g.output('y', build(g, x))
  external.close()
  writeFileSync(join(folder, 'm.onnx'), renderModel(g))
  const session = await openSession(folder, 'm.onnx', { threads: availableParallelism() })
  const input = { x: new Tensor('float32', new Float32Array(M * K).fill(0.5), [M, K]) }
  let best = Infinity
  for (const end = performance.now() + PRODUCT_MS; performance.now() < end;) {
    const began = performance.now()
    await session.run(input)
    best = Math.min(best, performance.now() - began)
  }
  await session.close()
  rmSync(folder, { recursive: true })
  return (2 * M * K * N) / best / 1e6
}
