// Do the exported baselines compute what FloCap computes? Image features of both vision encoders on the
// same pixels, in float32. Tokens are compared by every run of the benchmark itself.
//
//   node bench/verify.mjs [CACHE [base|large]]        after a run of the benchmark
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InferenceSession, Tensor } from '../dist/runtime/onnxruntime.js'

const TOLERANCE = 1e-3

const [cache = fileURLToPath(new URL('../.cache/bench', import.meta.url)), size = 'base'] =
  process.argv.slice(2)

/** The float32 model that FloCap made of this size; there is one for each width. */
function findCompiled() {
  const compiled = join(cache, 'home', 'compiled')
  const config = JSON.parse(readFileSync(join(cache, size, 'checkpoint', 'config.json'), 'utf8'))
  const found = readdirSync(compiled).findLast((name) => {
    if (!name.endsWith('-fp32')) return false
    const manifest = JSON.parse(readFileSync(join(compiled, name, 'manifest.json'), 'utf8'))
    return manifest.hiddenSize === config.text_config.d_model
  })
  if (!found) throw new Error(`No FloCap fp32 in ${compiled}; run the benchmark first.`)
  return join(compiled, found)
}

async function features(file, pixels) {
  const session = await InferenceSession.create(file, { logSeverityLevel: 3 })
  const [input] = session.inputNames
  const results = await session.run({ [input]: pixels })
  const { data } = results[session.outputNames[0]]
  await session.release()
  return data
}

const pixels = new Tensor(
  'float32',
  Float32Array.from({ length: 3 * 768 * 768 }, (_, i) => Math.sin(i * 0.37) + Math.cos(i * 0.0113)),
  [1, 3, 768, 768],
)
const ours = await features(join(findCompiled(), 'vision.onnx'), pixels)
const theirs = await features(
  join(cache, size, 'transformers.js', 'onnx', 'vision_encoder.onnx'),
  pixels,
)
let [difference, norm] = [0, 0]
for (const [i, value] of ours.entries()) {
  difference += (value - theirs[i]) ** 2
  norm += value ** 2
}
const error = Math.sqrt(difference / norm)
console.log(`${ours.length} features, relative error ${error.toExponential(2)}`)
if (ours.length !== theirs.length || !(error <= TOLERANCE)) process.exitCode = 1
