// The machine that a benchmark ran on, and what it can do at most: peaks measured through ONNX Runtime
// and plain memory reads, from which the floor of a caption follows.
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { measurePeaks } from './peaks.mjs'

export async function describeMachine() {
  const flags = /^flags\s*:(.*)$/m.exec(readText('/proc/cpuinfo'))?.[1] ?? ''
  return {
    cpu: cpus()[0].model,
    cores: availableParallelism(),
    extensions: ['avx2', 'avx512f', 'avx512_vnni', 'avx_vnni', 'amx_int8'].filter((flag) =>
      flags.split(' ').includes(flag),
    ),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    onnxruntime: version('../node_modules/onnxruntime-node/package.json'),
    flocap: version('../package.json'),
    transformersJs: version('./baselines/node/node_modules/@huggingface/transformers/package.json'),
    peaks: await measurePeaks(),
  }
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function version(path) {
  return JSON.parse(readText(new URL(path, import.meta.url)) || '{}').version ?? 'absent'
}
