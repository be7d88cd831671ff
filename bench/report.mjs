// Writes docs/reference/benchmarks.md from bench/results/*.json: for each machine and model size the
// newest run.
//
//   node bench/report.mjs [FOLDER_OF_RESULTS PAGE]
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const RESULTS = fileURLToPath(new URL('./results/', import.meta.url))
const PAGE = fileURLToPath(new URL('../docs/reference/benchmarks.md', import.meta.url))
/** What the others are compared with: the fastest of what people run in Node today. */
const REFERENCE = 'transformers.js q8'
/** Whose tokens are compared with everybody's. */
const EXACT = 'FloCap fp32'

/**
 * Work of one caption, from the shapes of the model: multiply-accumulates before the first token, and
 * weights and cached values that one decoder step reads.
 */
const WORK = {
  base: { vision: 189.9e9, prefill: 33.0e9, weights: 88.9e6, crossCacheBytes: 21.8e6 },
  large: { vision: 744.0e9, prefill: 114.1e9, weights: 228.7e6, crossCacheBytes: 58.2e6 },
}

/**
 * Milliseconds that the machine's own peaks allow: all products in the given format, weights read once
 * a step.
 */
export function floorMs({ size, tokens, machine }, format) {
  const { vision, prefill, weights, crossCacheBytes } = WORK[size]
  const { int8Gops, float32Gflops, readGbPerSecond } = machine.peaks
  const [speed, bytes] = format === 'int8' ? [int8Gops, 1] : [float32Gflops, 4]
  const before = (2 * (vision + prefill)) / (speed * 1e6)
  const step = (bytes * weights + crossCacheBytes) / (readGbPerSecond * 1e6)
  return { before, step, total: before + tokens * step }
}

export function renderPage(reports) {
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`; do not edit. Random weights of the real size (time and memory do not depend on their values, as long as no attention is so sharp that most of its weights vanish), one picture of 1600 x 1200, the prompt of `<MORE_DETAILED_CAPTION>`, every answer of the stated length. Whole programs: bytes of the picture in, text out; FloCap over HTTP, the others through a pipe. Contenders take turns in one run; the figures are medians.',
    ...reports.flatMap(renderReport),
    '',
    '## How to repeat it',
    '',
    '`npm run bench` (`-- --large` for the large model) needs Python with `bench/baselines/requirements.txt`, to export the baselines as the published files were made and to run those in Python. Nothing else should run meanwhile. [What is measured, and how](../../bench/README.md).',
    '',
  ].join('\n')
}

const row = (cells) => `| ${cells.join(' | ')} |`
const seconds = (ms) => (ms / 1000).toFixed(2)
const searchName = (beams) => (beams === 1 ? 'greedy' : `${beams} beams`)

function renderReport(report) {
  const { size, tokens, machine, date, results, load, rounds } = report
  const { python } = machine
  const versions = [
    `Node ${machine.node}`,
    `ONNX Runtime ${machine.onnxruntime}`,
    `FloCap ${machine.flocap}`,
    `transformers.js ${machine.transformersJs}`,
    ...Object.entries(python).map(([name, version]) => `${name} ${version}`),
  ]
  return [
    '',
    `## Florence-2-${size}, ${tokens} tokens`,
    '',
    `${date.slice(0, 10)} · ${machine.cpu}, ${machine.cores} cores (${machine.extensions.join(', ')}), ${machine.memoryGb} GB, ${machine.platform} · ${versions.join(', ')} · ${rounds} rounds`,
    '',
    ...renderResults(report),
    '',
    ...notes(report),
    ...renderStages(results),
    ...renderFloor(report),
    ...renderLoad(load),
  ]
}

function renderResults({ results, installMb }) {
  const reference = results.find(({ program }) => program === REFERENCE)
  return [
    row([
      'program',
      'search',
      's per caption',
      'best',
      's to first token',
      `against ${REFERENCE}`,
      'peak memory',
      'ready after',
      'installed',
    ]),
    row(['---', '---', '--:', '--:', '--:', '--:', '--:', '--:', '--:']),
    ...results.map((result) =>
      row([
        result.program,
        searchName(result.beams),
        seconds(result.medianMs),
        seconds(result.bestMs),
        seconds(result.firstTokenMs),
        reference ? `${(reference.medianMs / result.medianMs).toFixed(2)} x` : '',
        `${Math.round(result.peakMb)} MB`,
        `${(result.readyMs / 1000).toFixed(1)} s`,
        installMb[result.family] === undefined ? '' : `${installMb[result.family]} MB`,
      ]),
    ),
  ]
}

function notes({ results, absent }) {
  const same = results.filter(
    ({ program, agreement }) => program !== EXACT && agreement && agreement.same === agreement.of,
  )
  return [
    'transformers.js has no beam search: it answers greedily whatever is asked. OpenVINO is driven here by a greedy search of our own.',
    '',
    ...(same.length === 0
      ? []
      : [
          `On a picture that nobody has to resize, these gave the tokens of ${EXACT} exactly: ${same.map(({ program, beams }) => `${program} (${searchName(beams)})`).join(', ')}. Of random weights more cannot be asked; lower precision may choose other tokens.`,
          '',
        ]),
    ...absent.map(({ program, reason }) => `Not measured: ${program}: ${reason}.`),
    ...(absent.length === 0 ? [] : ['']),
  ]
}

function renderStages(results) {
  const staged = results.filter(({ stages }) => stages)
  if (staged.length === 0) return []
  const names = Object.keys(staged[0].stages)
  return [
    'Where the time goes, in ms:',
    '',
    row(['program', 'search', ...names]),
    row(['---', '---', ...names.map(() => '--:')]),
    ...staged.map(({ program, beams, stages }) =>
      row([program, searchName(beams), ...names.map((name) => Math.round(stages[name]))]),
    ),
    '',
  ]
}

function renderFloor(report) {
  const { peaks } = report.machine
  const [int8, float32] = [floorMs(report, 'int8'), floorMs(report, 'float32')]
  const distance = (name, floor) => {
    const result = report.results.find(({ program, beams }) => program === name && beams === 1)
    return result
      ? [`${name} takes ${(result.medianMs / floor.total).toFixed(1)} times its floor.`]
      : []
  }
  const distances = [...distance('FloCap auto', int8), ...distance(EXACT, float32)]
  const describe = (floor) =>
    `${seconds(floor.total)} s for a greedy caption (${Math.round(floor.before)} ms before the first token, ${floor.step.toFixed(1)} ms for each)`
  return [
    `The floor of this machine, from its own peaks (${Math.round(peaks.int8Gops)} GOP/s in 8 bits, ${Math.round(peaks.float32Gflops)} GFLOP/s in float32, ${Math.round(peaks.readGbPerSecond)} GB/s): in 8 bits ${describe(int8)}, in float32 ${describe(float32)}. ${distances.join(' ')}`,
  ]
}

function renderLoad(load) {
  if (load.length === 0) return []
  const groups = new Map()
  for (const run of load) {
    const key = `${run.program} ${run.beams} ${run.clients}`
    groups.set(key, [...(groups.get(key) ?? []), run])
  }
  return [
    '',
    'Several requests at once, and the round trip of a small request to the server meanwhile:',
    '',
    row([
      'program',
      'search',
      'at once',
      'captions a minute',
      'slowest over all',
      'peak memory',
      'small request, median',
      'p99',
    ]),
    row(['---', '---', '--:', '--:', '--:', '--:', '--:', '--:']),
    ...[...groups.values()].map((runs) => {
      const run = runs.toSorted((a, b) => a.ms - b.ms)[Math.floor(runs.length / 2)]
      return row([
        run.program,
        searchName(run.beams),
        run.clients,
        ((run.clients * 60_000) / run.ms).toFixed(1),
        (Math.max(...run.each) / run.ms).toFixed(2),
        `${Math.round(run.peakMb)} MB`,
        ...[run.pingP50, run.pingP99].map((ms) => (ms === null ? '' : `${ms.toFixed(1)} ms`)),
      ])
    }),
  ]
}

/** @returns the newest report of each machine and size */
function readReports(folder) {
  const all = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
    .toSorted((a, b) => a.date.localeCompare(b.date))
  const newest = new Map()
  for (const report of all)
    newest.set(`${report.size} ${report.machine.cpu} ${report.machine.cores}`, report)
  return [...newest.values()]
}

export function writePage(folder = RESULTS, page = PAGE) {
  writeFileSync(page, renderPage(readReports(folder)))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writePage(...process.argv.slice(2))
