// Seconds per caption, memory and start-up of FloCap and of other ways to run Florence-2 on a CPU, on
// the same weights in one interleaved run: A B C A B C ..., so that a slow moment of the machine meets
// everybody. bench/README.md tells the options.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { ensureCheckpoint } from './checkpoint.mjs'
import { measureInstallSizes } from './install-size.mjs'
import { measureLoad } from './load.mjs'
import { describeMachine } from './machine.mjs'
import { measurePeaks } from './peaks.mjs'
import { listPrograms } from './programs.mjs'
import { writePage } from './report.mjs'

/** The first and the last token are given by the configuration; one between them is chosen. */
const FIRST_TOKEN_ANSWER = 3
/** Long enough to see that two programs compute the same. */
const COMPARED_TOKENS = 20
const IMAGE_SIZE = 768

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    tokens: { type: 'string', default: '100' },
    only: { type: 'string', default: '' },
    large: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    cache: { type: 'string', default: process.env.BENCH_CACHE ?? here('../.cache/bench') },
    python: { type: 'string', default: process.env.BENCH_PYTHON ?? 'python3' },
  },
})
const { cache, python } = options
const size = options.large ? 'large' : 'base'
const rounds = options.quick ? 1 : Number(options.rounds)
const tokens = options.quick ? 10 : Number(options.tokens)

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]

const checkpoint = ensureCheckpoint(cache, size)
/** Drawn by nobody, 1600 x 1200: noise at every scale, as a photograph has. */
const picture = readFileSync(here('./picture.jpg'))
/** Not resized by anybody, so that the pixels, and in float32 the tokens, are everybody's. */
const square = await sharp(picture).resize(IMAGE_SIZE, IMAGE_SIZE).png().toBuffer()

const wanted = options.only.split(',').filter(Boolean)
const chosen = listPrograms({ checkpoint, cache, size, python }).filter(
  ({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
)
const absent = chosen.filter(({ missing }) => missing)
for (const { name, missing } of absent) console.log(`not measured: ${name}: ${missing}`)
const programs = chosen.filter(({ missing }) => !missing)
for (const { name, family, prepare, start } of programs) {
  prepare?.()
  // Compiling is not measured: each precision of FloCap is started once before.
  if (family === 'FloCap') {
    console.log('preparing', name)
    await (await start()).close()
  }
}

// Peaks are what was possible at any time: measured before and after.
const peaksBefore = await measurePeaks()

const results = programs.flatMap(({ name, family, searches }) =>
  searches.map((beams) => ({
    program: name,
    family,
    beams,
    ready: [],
    captions: [],
    firstTokens: [],
    stages: [],
    peakMb: 0,
    text: '',
  })),
)
const resultsOf = (program) => results.filter((entry) => entry.program === program.name)

/** Starts a program and lets it work once with each search, which also tells what it answers. */
async function startWarm(program) {
  const contender = await program.start()
  for (const result of resultsOf(program)) {
    const request = { tokens: COMPARED_TOKENS, beams: result.beams }
    result.text = (await contender.caption(square, request)).text.trim()
    result.ready.push(contender.readyMs)
  }
  return contender
}

async function measureTurn(program, contender, round) {
  for (const result of resultsOf(program)) {
    const { beams } = result
    const answer = await contender.caption(picture, { tokens, beams })
    if (answer.tokens !== tokens)
      throw new Error(`${program.name} gave ${answer.tokens} tokens instead of ${tokens}`)
    result.captions.push(answer.ms)
    if (answer.stages) result.stages.push(answer.stages)
    const first = await contender.caption(picture, { tokens: FIRST_TOKEN_ANSWER, beams })
    result.firstTokens.push(first.ms)
    result.peakMb = Math.max(result.peakMb, contender.peakMemory())
    console.log(
      `round ${round + 1}: ${program.name}, ${beams} beams: ${Math.round(answer.ms)} ms, first token ${Math.round(first.ms)} ms`,
    )
  }
}

// Everybody is started anew for each turn: all at once would not fit into memory, an idle program would
// not be quite idle, and starting is measured several times so.
for (let round = 0; round < rounds; round += 1) {
  for (const program of programs) {
    const contender = await startWarm(program)
    await measureTurn(program, contender, round)
    await contender.close()
  }
}

const load = await measureLoad({
  programs,
  picture,
  tokens,
  rounds: Math.min(rounds, 3),
  clients: options.quick ? [2] : [1, 4, 8],
})

/** How many leading words, one a token, two answers have in common. */
function commonWords(left, right) {
  const [a, b] = [left.split(' '), right.split(' ')]
  const different = a.findIndex((word, i) => word !== b[i])
  return different === -1 ? a.length : different
}

function summarise({ text, stages, ready, ...result }) {
  const reference = results.find(
    (entry) => entry.program === 'FloCap fp32' && entry.beams === result.beams,
  )
  return {
    ...result,
    readyMs: median(ready),
    medianMs: median(result.captions),
    bestMs: Math.min(...result.captions),
    firstTokenMs: median(result.firstTokens),
    agreement: reference
      ? { same: commonWords(reference.text, text), of: reference.text.split(' ').length }
      : null,
    stages:
      stages.length === 0
        ? null
        : Object.fromEntries(
            Object.keys(stages[0]).map((stage) => [
              stage,
              median(stages.map((entry) => entry[stage])),
            ]),
          ),
  }
}

const peaksAfter = await measurePeaks()
const machine = {
  ...describeMachine(python),
  peaks: Object.fromEntries(
    Object.entries(peaksBefore).map(([name, before]) => [name, Math.max(before, peaksAfter[name])]),
  ),
}
const report = {
  date: new Date().toISOString(),
  machine,
  size,
  tokens,
  rounds,
  results: results.map(summarise),
  load,
  installMb: measureInstallSizes({ families: new Set(programs.map((p) => p.family)), python }),
  absent: absent.map(({ name, missing }) => ({ program: name, reason: missing })),
}
// A quick or partial run is for looking at, not for the page.
const isPublished = !options.quick && wanted.length === 0
const folder = isPublished ? here('./results') : join(cache, 'results')
const machineName = `${machine.cpu} ${machine.cores}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
const file = join(folder, `${report.date.slice(0, 10)}-${machineName}-${size}.json`)
mkdirSync(folder, { recursive: true })
writeFileSync(file, `${JSON.stringify(report, null, 1)}\n`)
const page = isPublished ? here('../docs/reference/benchmarks.md') : join(folder, 'benchmarks.md')
writePage(folder, page)
console.log(`written: ${file} and ${page}`)
