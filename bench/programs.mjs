// Who takes part: FloCap in each precision, and the other ways to run the same weights on a CPU. Each
// entry knows how to start its program and, where something is not installed, says what.
import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startFlocap, startPiped } from './contender.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const NODE_BASELINE = here('./baselines/node')
const TORCH_TYPES = { fp32: 'float32', bf16: 'bfloat16' }
const OPENVINO_TYPES = { fp32: 'f32', bf16: 'bf16' }

/**
 * `searches`: numbers of beams that it can search with. `load`: also measured with several requests at
 * once; the Python programs are not, since they answer one request after the other.
 */
export function listPrograms({ checkpoint, cache, size, python }) {
  const exported = join(cache, size, 'transformers.js')
  const converted = join(cache, size, 'openvino')
  const torchMissing = lacks(python, ['torch', 'transformers', 'PIL'])
  const openvinoMissing = lacks(python, ['openvino', 'tokenizers', 'PIL'])
  return [
    ...['auto', 'fast', 'fp32'].map((precision) => ({
      name: `FloCap ${precision}`,
      family: 'FloCap',
      searches: [1, 3],
      load: { auto: [1, 3], fast: [1], fp32: [] }[precision],
      start: () => startFlocap({ checkpoint, precision, home: join(cache, 'home') }),
    })),
    ...['q8', 'fp32'].map((dtype) => ({
      name: `transformers.js ${dtype}`,
      family: 'transformers.js',
      searches: [1],
      load: dtype === 'q8' ? [1] : [],
      prepare: () => prepareTransformersJs({ checkpoint, exported, python }),
      start: () =>
        startPiped({
          name: `transformers.js ${dtype}`,
          command: process.execPath,
          args: [join(NODE_BASELINE, 'runner.mjs'), exported, dtype],
        }),
    })),
    ...['fp32', 'bf16'].map((type) => ({
      name: `PyTorch ${type}`,
      family: 'PyTorch',
      searches: [1, 3],
      load: [],
      missing: torchMissing,
      start: () =>
        startPiped({
          name: `PyTorch ${type}`,
          command: python,
          args: [here('./baselines/pytorch_runner.py'), checkpoint, TORCH_TYPES[type]],
        }),
    })),
    ...['fp32', 'bf16'].map((type) => ({
      name: `OpenVINO ${type}`,
      family: 'OpenVINO',
      searches: [1],
      load: [],
      missing: openvinoMissing ?? torchMissing,
      prepare: () => prepareOpenvino({ checkpoint, converted, python }),
      start: () =>
        startPiped({
          name: `OpenVINO ${type}`,
          command: python,
          args: [here('./baselines/openvino_runner.py'), converted, OPENVINO_TYPES[type]],
        }),
    })),
  ]
}

/** What cannot be imported, as a sentence, or undefined. */
function lacks(python, modules) {
  try {
    execFileSync(python, ['-c', `import ${modules.join(', ')}`], { stdio: 'pipe' })
  } catch (error) {
    const reason = String(error.stderr ?? error)
      .trim()
      .split('\n')
      .at(-1)
    return `${python}: ${reason}; see bench/README.md`
  }
}

function prepareTransformersJs({ checkpoint, exported, python }) {
  if (isOlder(join(exported, 'onnx', 'decoder_model_merged_quantized.onnx'), checkpoint))
    convert(python, './baselines/export.py', checkpoint, exported)
  if (!existsSync(join(NODE_BASELINE, 'node_modules')))
    execFileSync('npm', ['ci'], { cwd: NODE_BASELINE, stdio: 'inherit' })
}

function prepareOpenvino({ checkpoint, converted, python }) {
  if (isOlder(join(converted, 'decoder.bin'), checkpoint))
    convert(python, './baselines/export_openvino.py', checkpoint, converted)
}

/** Whether a converted file is absent or older than the checkpoint that it should come from. */
function isOlder(file, checkpoint) {
  const source = statSync(join(checkpoint, 'model.safetensors')).mtimeMs
  return !existsSync(file) || statSync(file).mtimeMs < source
}

function convert(python, script, checkpoint, target) {
  console.log(`converting the weights: ${script}`)
  execFileSync(python, [here(script), checkpoint, target], { stdio: 'inherit' })
}
