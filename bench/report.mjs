// Writes docs/reference/benchmarks.md from bench/results/*.json: the newest run of each model size.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const RESULTS = new URL('./results/', import.meta.url)
const PAGE = new URL('../docs/reference/benchmarks.md', import.meta.url)

/**
 * Work of one caption, from the shapes of the model: multiply-accumulates before the first token, and
 * weights and cached values that one decoder step reads.
 */
const WORK = {
  base: { vision: 189.9e9, prefill: 33.0e9, weights: 88.9e6, crossCacheBytes: 21.8e6 },
  large: { vision: 744.0e9, prefill: 114.1e9, weights: 228.7e6, crossCacheBytes: 58.2e6 },
}

/** Milliseconds that the machine's own peaks allow: all products in 8 bits, weights read once a step. */
export function floorMs({ size, tokens, machine }) {
  const { vision, prefill, weights, crossCacheBytes } = WORK[size]
  const { int8Gops, readGbPerSecond } = machine.peaks
  const before = (2 * (vision + prefill)) / (int8Gops * 1e6)
  const step = (weights + crossCacheBytes) / (readGbPerSecond * 1e6)
  return { before, step, total: before + tokens * step }
}

export function renderPage(reports) {
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`; do not edit. Random weights of the real size (time and memory do not depend on their values), one picture of 1600 x 1200, a prompt of 14 tokens, every answer of the stated length. Whole programs: bytes of the picture in, text out; FloCap over HTTP. Contenders take turns in one run; the figures are medians.',
    ...reports.flatMap(renderReport),
    '',
    '## How to repeat it',
    '',
    '`npm run bench` (`-- --large` for the large model) needs Python with `bench/baselines/requirements.txt` once, to export the baselines as the published files were made. Nothing else should run meanwhile.',
    '',
  ].join('\n')
}

function renderReport(report) {
  const { size, tokens, machine, date, results, load, rounds } = report
  const reference = results.find(({ program }) => program === 'transformers.js q8')
  const floor = floorMs(report)
  const row = (cells) => `| ${cells.join(' | ')} |`
  return [
    '',
    `## Florence-2-${size}, ${tokens} tokens`,
    '',
    `${date} · ${machine.cpu}, ${machine.cores} cores (${machine.extensions.join(', ')}) · Node ${machine.node}, ONNX Runtime ${machine.onnxruntime}, FloCap ${machine.flocap}, transformers.js ${machine.transformersJs} · ${rounds} rounds`,
    '',
    row([
      'program',
      'search',
      's per caption',
      'against transformers.js q8',
      'peak memory',
      'ready after',
    ]),
    row(['---', '---', '--:', '--:', '--:', '--:']),
    ...results.map(({ program, beams, medianMs, peakMb, readyMs }) =>
      row([
        program,
        beams === 1 ? 'greedy' : `${beams} beams`,
        (medianMs / 1000).toFixed(2),
        `${(reference.medianMs / medianMs).toFixed(2)} x`,
        `${Math.round(peakMb)} MB`,
        `${(readyMs / 1000).toFixed(1)} s`,
      ]),
    ),
    '',
    'transformers.js has no beam search: it answers greedily whatever is asked.',
    '',
    `Where the time goes, in ms: ${results
      .filter(({ stages }) => stages)
      .map(
        ({ program, beams, stages }) =>
          `${program} ${beams === 1 ? 'greedy' : `${beams} beams`}: ${Object.entries(stages)
            .map(([stage, ms]) => `${stage} ${Math.round(ms)}`)
            .join(', ')}`,
      )
      .join('; ')}.`,
    '',
    `The floor of this machine, from its own peaks (${Math.round(machine.peaks.int8Gops)} GOP/s in 8 bits, ${Math.round(machine.peaks.float32Gflops)} GFLOP/s in float32, ${Math.round(machine.peaks.readGbPerSecond)} GB/s): ${(floor.total / 1000).toFixed(2)} s for a greedy caption, ${Math.round(floor.before)} ms before the first token and ${floor.step.toFixed(1)} ms for each. FloCap auto takes ${(results[0].medianMs / floor.total).toFixed(1)} times that.`,
    ...renderLoad(load, row),
  ]
}

function renderLoad(load, row) {
  const groups = Map.groupBy ? Map.groupBy(load, keyOf) : groupBy(load, keyOf)
  return [
    '',
    'Several requests at once, greedy:',
    '',
    row([
      'program',
      'at once',
      'captions a minute',
      'slowest over fair share',
      'peak memory',
      'p99 of a small request meanwhile',
    ]),
    row(['---', '--:', '--:', '--:', '--:', '--:']),
    ...[...groups.values()].map((runs) => {
      const run = runs.toSorted((a, b) => a.ms - b.ms)[Math.floor(runs.length / 2)]
      return row([
        run.program,
        run.clients,
        ((run.clients * 60_000) / run.ms).toFixed(1),
        (Math.max(...run.each) / run.ms).toFixed(2),
        `${Math.round(run.peakMb)} MB`,
        run.pingP99 === null ? '' : `${Math.round(run.pingP99)} ms`,
      ])
    }),
  ]
}

const keyOf = ({ program, clients }) => `${program} ${clients}`

function groupBy(items, key) {
  const groups = new Map()
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item])
  return groups
}

export function writePage() {
  const newest = new Map()
  for (const file of readdirSync(RESULTS)
    .filter((name) => name.endsWith('.json'))
    .toSorted()) {
    const report = JSON.parse(readFileSync(new URL(file, RESULTS), 'utf8'))
    newest.set(report.size, report)
  }
  writeFileSync(PAGE, renderPage([...newest.values()]))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writePage()
