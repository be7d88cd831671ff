// The machine that a benchmark ran on, and the versions of what ran.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'

const EXTENSIONS = [
  'avx2',
  'avx512f',
  'avx512_vnni',
  'avx512_bf16',
  'avx_vnni',
  'amx_int8',
  'amx_bf16',
]
const PYTHON_PACKAGES = ['torch', 'transformers', 'openvino']

export function describeMachine(python) {
  const flags = /^flags\s*:(.*)$/m.exec(readText('/proc/cpuinfo'))?.[1] ?? ''
  return {
    cpu: cpus()[0].model,
    cores: availableParallelism(),
    extensions: EXTENSIONS.filter((flag) => flags.split(' ').includes(flag)),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    onnxruntime: version('../node_modules/onnxruntime-node/package.json'),
    flocap: version('../package.json'),
    transformersJs: version('./baselines/node/node_modules/@huggingface/transformers/package.json'),
    python: pythonVersions(python),
  }
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Versions by package; only what is there. */
function pythonVersions(python) {
  const program = `
import json, platform, sys
from importlib.metadata import PackageNotFoundError, version
found = {"python": platform.python_version()}
for name in sys.argv[1:]:
    try:
        found[name] = version(name)
    except PackageNotFoundError:
        pass
print(json.dumps(found))`
  try {
    const output = execFileSync(python, ['-c', program, ...PYTHON_PACKAGES], { stdio: 'pipe' })
    return JSON.parse(output.toString())
  } catch {
    return {}
  }
}

function version(path) {
  return JSON.parse(readText(new URL(path, import.meta.url)) || '{}').version ?? 'absent'
}
