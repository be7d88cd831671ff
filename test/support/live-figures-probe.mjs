// Loaded into a process under test (`--import`): at SIGUSR2 it collects garbage and writes what it still
// holds, as one line of JSON, to the folder of live-figures.ts.
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const folder = process.env['FLOCAP_LIVE_FIGURES']
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')
let written = 0

process.on('SIGUSR2', () => {
  // What the first collection finds dead may hold more, which finalizers give up afterwards.
  collect()
  setImmediate(() => {
    collect()
    write()
  })
})

function write() {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  const statistics = getHeapStatistics()
  written += 1
  const figures = {
    written,
    heapBytes: heapUsed,
    externalBytes: external,
    bufferBytes: arrayBuffers,
    v8AllocatedBytes: statistics.malloced_memory,
    contexts: statistics.number_of_native_contexts,
    globalHandleBytes: statistics.used_global_handles_size,
    handles: process.getActiveResourcesInfo().length,
  }
  const file = join(folder, `${process.pid}.json`)
  writeFileSync(`${file}.part`, JSON.stringify(figures))
  renameSync(`${file}.part`, file)
}
