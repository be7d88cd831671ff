// A graph of a test's own, written to a folder and run once on the processor.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ExternalDataWriter } from '../../src/onnx/external-data.ts'
import { Graph } from '../../src/onnx/graph.ts'
import { renderModel } from '../../src/onnx/model-file.ts'
import type { Value } from '../../src/onnx/value.ts'
import { openSession, type Tensors } from '../../src/runtime/session.ts'
import { temporaryFolder } from './temporary-folder.ts'

const THREADS = 2

/** @param build adds inputs and nodes. @returns its values under the names that it gave them. */
export async function runGraph(
  inputs: Tensors,
  build: (g: Graph) => Readonly<Record<string, Value>>,
): Promise<Tensors> {
  const folder = temporaryFolder()
  const external = new ExternalDataWriter(join(folder, 'w.bin'), 'w.bin')
  const g = new Graph('test', external)
  for (const [name, value] of Object.entries(build(g))) g.output(name, value)
  external.close()
  writeFileSync(join(folder, 'm.onnx'), renderModel(g))

  const session = await openSession(folder, 'm.onnx', { threads: THREADS })
  const results = await session.run(inputs)
  await session.close()
  return results
}
