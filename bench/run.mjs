// Captions per second, memory and start-up of FloCap and of transformers.js on the same weights, in
// one interleaved run: A B C A B C ..., so that a slow moment of the machine meets everybody.
//
//   npm run bench [-- --rounds 5 --tokens 100 --large --quick]
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureCheckpoint } from './checkpoint.mjs'
import { startFlocap, startTransformersJs } from './contender.mjs'
import { describeMachine } from './machine.mjs'
import { writePage } from './report.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    tokens: { type: 'string', default: '100' },
    large: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    cache: { type: 'string', default: process.env.BENCH_CACHE ?? here('../.cache/bench') },
    python: { type: 'string', default: process.env.BENCH_PYTHON ?? 'python3' },
  },
})
const size = options.large ? 'large' : 'base'
const rounds = options.quick ? 1 : Number(options.rounds)
const tokens = options.quick ? 10 : Number(options.tokens)
/** Drawn by nobody, 1600 x 1200: noise at every scale, as a photograph has. */
const picture = readFileSync(here('./picture.jpg'))

const checkpoint = ensureCheckpoint(options.cache, size)
const exported = join(options.cache, size, 'transformers.js')
if (!existsSync(join(exported, 'onnx', 'decoder_model_merged_quantized.onnx'))) {
  console.log('exporting the baselines')
  execFileSync(options.python, [here('./baselines/export.py'), checkpoint, exported], {
    stdio: 'inherit',
  })
}
if (!existsSync(here('./baselines/node/node_modules'))) {
  execFileSync('npm', ['ci'], { cwd: here('./baselines/node'), stdio: 'inherit' })
}

const flocap = (precision) => () =>
  startFlocap({ checkpoint, precision, home: join(options.cache, 'home') })
const transformersJs = (dtype) => () => startTransformersJs({ folder: exported, dtype })
/** One program each; searches are asked of the same program in turn. */
const programs = [
  { name: 'FloCap auto', start: flocap('auto'), searches: [1, 3] },
  { name: 'FloCap fast', start: flocap('fast'), searches: [1, 3] },
  { name: 'FloCap fp32', start: flocap('fp32'), searches: [1, 3] },
  { name: 'transformers.js q8', start: transformersJs('q8'), searches: [1] },
  { name: 'transformers.js fp32', start: transformersJs('fp32'), searches: [1] },
]

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
const results = []

// Compiling is not measured here: start each FloCap once.
for (const { name, start } of programs.filter((program) => program.name.startsWith('FloCap'))) {
  console.log('preparing', name)
  await (await start()).close()
}

const running = []
for (const program of programs) {
  const contender = await program.start()
  for (const beams of program.searches) {
    await contender.caption(picture, { tokens, beams })
    results.push({
      program: program.name,
      beams,
      captions: [],
      stages: [],
      readyMs: contender.readyMs,
    })
  }
  running.push({ program, contender })
}
for (let round = 0; round < rounds; round += 1) {
  for (const { program, contender } of running) {
    for (const beams of program.searches) {
      const { ms, tokens: found, stages } = await contender.caption(picture, { tokens, beams })
      if (found !== tokens)
        throw new Error(`${program.name} gave ${found} tokens instead of ${tokens}`)
      const result = results.find(
        (entry) => entry.program === program.name && entry.beams === beams,
      )
      result.captions.push(ms)
      if (stages) result.stages.push(stages)
      console.log(`round ${round + 1}: ${program.name}, ${beams} beams: ${Math.round(ms)} ms`)
    }
  }
}
for (const { program, contender } of running) {
  for (const result of results.filter((entry) => entry.program === program.name))
    result.peakMb = contender.peakMemory()
  await contender.close()
}

/** Eight requests at once, A B A B; the server's event loop is watched meanwhile. */
async function underLoad(start, beams, clients) {
  const contender = await start()
  await contender.caption(picture, { tokens, beams })
  const pings = []
  const work = { running: true }
  const watch = (async () => {
    while (work.running && contender.ping) {
      pings.push(await contender.ping())
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })()
  const began = performance.now()
  const each = await Promise.all(
    Array.from(
      { length: clients },
      async () => (await contender.caption(picture, { tokens, beams })).ms,
    ),
  )
  const ms = performance.now() - began
  work.running = false
  await watch
  const peakMb = contender.peakMemory()
  await contender.close()
  return {
    ms,
    each,
    peakMb,
    pingP99:
      pings.length === 0 ? null : pings.toSorted((a, b) => a - b)[Math.floor(pings.length * 0.99)],
  }
}

const load = []
for (const clients of options.quick ? [2] : [4, 8]) {
  for (let round = 0; round < Math.min(rounds, 3); round += 1) {
    for (const { name, start } of programs.filter((program) => /auto|q8/.test(program.name))) {
      const measured = await underLoad(start, 1, clients)
      load.push({ program: name, clients, ...measured })
      console.log(
        `${clients} at once: ${name}: ${Math.round((clients * 60_000) / measured.ms)} captions a minute`,
      )
    }
  }
}

const machine = await describeMachine()
const date = new Date().toISOString().slice(0, 10)
const report = {
  date,
  machine,
  size,
  tokens,
  rounds,
  results: results.map(({ captions, stages, ...result }) => ({
    ...result,
    captions,
    medianMs: median(captions),
    bestMs: Math.min(...captions),
    stages:
      stages.length === 0
        ? null
        : Object.fromEntries(
            Object.keys(stages[0]).map((stage) => [
              stage,
              median(stages.map((entry) => entry[stage])),
            ]),
          ),
  })),
  load,
}
mkdirSync(here('./results'), { recursive: true })
const file = here(`./results/${date}-${size}.json`)
rmSync(file, { force: true })
writeFileSync(file, `${JSON.stringify(report, null, 1)}\n`)
writePage()
console.log(`written: ${file} and docs/reference/benchmarks.md`)
