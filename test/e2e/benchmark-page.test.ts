// The page of benchmarks from results: the newest run of each machine and size, its ratios and its floor.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const REPORT = fileURLToPath(new URL('../../bench/report.mjs', import.meta.url))

const RESULT = {
  ready: [1000],
  captions: [900, 1000, 1100],
  firstTokens: [600],
  peakMb: 800.4,
  readyMs: 1000,
  medianMs: 1000,
  bestMs: 900,
  firstTokenMs: 600,
  agreement: { same: 20, of: 20 },
  stages: null,
}
const RUN = {
  date: '2026-02-03T04:05:06.000Z',
  size: 'base',
  tokens: 100,
  rounds: 3,
  machine: {
    cpu: 'Test CPU',
    cores: 2,
    extensions: ['avx2'],
    memoryGb: 16,
    platform: 'linux x64',
    node: 'v20.19.0',
    onnxruntime: '1.0.0',
    flocap: '0.1.0',
    transformersJs: '4.0.0',
    python: { torch: '2.0.0' },
    peaks: { int8Gops: 1000, float32Gflops: 250, readGbPerSecond: 50 },
  },
  results: [
    {
      ...RESULT,
      program: 'FloCap auto',
      family: 'FloCap',
      beams: 1,
      agreement: { same: 12, of: 20 },
      stages: { picture: 20, vision: 400.4, prefill: 60, decode: 500 },
    },
    { ...RESULT, program: 'FloCap fp32', family: 'FloCap', beams: 3 },
    { ...RESULT, program: 'PyTorch fp32', family: 'PyTorch', beams: 3 },
    {
      ...RESULT,
      program: 'transformers.js q8',
      family: 'transformers.js',
      beams: 1,
      medianMs: 2500,
      agreement: { same: 3, of: 20 },
    },
  ],
  load: [
    {
      program: 'FloCap auto',
      beams: 1,
      clients: 4,
      ms: 4000,
      each: [1000, 2000, 3000, 4000],
      peakMb: 850,
      pingP50: 1.25,
      pingP99: 8,
    },
  ],
  installMb: { FloCap: 359, 'transformers.js': 485 },
  absent: [{ program: 'OpenVINO fp32', reason: 'no module' }],
}

describe('the page of benchmarks', () => {
  let folder = ''
  beforeEach(() => {
    folder = createFolder()
  })
  afterEach(() => {
    removeFolder(folder)
  })

  const write = (name: string, run: object) =>
    writeFileSync(join(folder, name), JSON.stringify(run))
  const render = () => {
    const page = join(folder, 'page.md')
    execFileSync(process.execPath, [REPORT, folder, page])
    return readFileSync(page, 'utf8')
  }

  it('shows each program with its ratio to the reference', () => {
    write('run.json', RUN)
    const page = render()
    expect(page).toContain(
      '| FloCap auto | greedy | 1.00 | 0.90 | 0.60 | 2.50 x | 800 MB | 1.0 s | 359 MB |',
    )
    expect(page).toContain(
      '| transformers.js q8 | greedy | 2.50 | 0.90 | 0.60 | 1.00 x | 800 MB | 1.0 s | 485 MB |',
    )
  })

  it('computes the floor from the peaks', () => {
    write('run.json', RUN)
    // 2 (189.9 + 33) GMAC / 1000 GOP/s, and (88.9 + 21.8) MB / 50 GB/s a token.
    expect(render()).toContain(
      'in 8 bits 0.67 s for a greedy caption (446 ms before the first token, 2.2 ms for each)',
    )
    // FloCap auto took 1000 ms.
    expect(render()).toContain('FloCap auto takes 1.5 times its floor')
  })

  it('tells who gave the same tokens, who was not measured, and what load does', () => {
    write('run.json', RUN)
    const page = render()
    expect(page).toContain('tokens of FloCap fp32 exactly: PyTorch fp32 (3 beams).')
    expect(page).toContain('Not measured: OpenVINO fp32: no module.')
    expect(page).toContain('| FloCap auto | greedy | 4 | 60.0 | 1.00 | 850 MB | 1.3 ms | 8.0 ms |')
    expect(page).toContain('| FloCap auto | greedy | 20 | 400 | 60 | 500 |')
  })

  it('keeps the newest run of each machine and size, whatever the files are called', () => {
    write('z-old.json', { ...RUN, date: '2026-01-01T00:00:00.000Z', tokens: 77 })
    write('a-new.json', RUN)
    write('other-machine.json', { ...RUN, machine: { ...RUN.machine, cores: 64 }, tokens: 55 })
    write('large.json', { ...RUN, size: 'large' })
    const page = render()
    expect(page).not.toContain('77 tokens')
    expect(page).toContain('## Florence-2-base, 100 tokens')
    expect(page).toContain('## Florence-2-base, 55 tokens')
    expect(page).toContain('## Florence-2-large, 100 tokens')
  })

  it('leaves the reference out where it was not measured', () => {
    write('run.json', { ...RUN, results: RUN.results.slice(0, 1), load: [] })
    expect(render()).toContain('| FloCap auto | greedy | 1.00 | 0.90 | 0.60 |  | 800 MB |')
  })
})
