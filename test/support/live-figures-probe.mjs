// Loaded into a process under test (`--import`): it collects garbage and tells what it still holds, for
// live-figures.ts.
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { writeAtSignal } from './probe-writer.mjs'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

writeAtSignal(process.env['FLOCAP_LIVE_FIGURES'], async () => {
  // What the first collection finds dead may hold more, which finalizers give up afterwards.
  collect()
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  collect()
  return read()
})

function read() {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  const statistics = getHeapStatistics()
  return {
    heapBytes: heapUsed,
    externalBytes: external,
    bufferBytes: arrayBuffers,
    v8AllocatedBytes: statistics.malloced_memory,
    contexts: statistics.number_of_native_contexts,
    globalHandleBytes: statistics.used_global_handles_size,
    handles: process.getActiveResourcesInfo().length,
  }
}
