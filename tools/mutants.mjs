// Which changes of the code no test notices: small mutants of source files, each run against the test
// beside it, then against those of its folder, and where these notice nothing against those from outside
// that use it.
//
//   npm run mutants -- [--count 30] [--seed 1] [FILE_OR_FOLDER ...]
//   npm run mutants -- src/store/lock.ts:184      all mutants of one line
//
// Works on a copy of the repository in the system's temporary folder. A mutant that survives either
// changes nothing that matters or shows a gap; it takes a person to tell.
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const DEFAULT_TARGETS = ['src/store', 'src/weights', 'src/engine', 'src/caption/admission.ts']
const COPIED = [
  'src',
  'test',
  'tools',
  'models',
  'docs',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
]
const PATIENCE_MS = 120_000

/** Tests of the whole that import a folder from its sources, by the folder: a project, then files. */
const OUTER_TESTS = {
  'src/store': ['e2e', 'test/e2e/store/download.test.ts', 'test/e2e/store/faults.test.ts'],
  'src/engine': ['e2e', 'test/e2e/hard-to-kill.test.ts', 'test/e2e/engine.test.ts'],
  'src/batches': ['contract', 'test/contract/batches/'],
  'src/http/body': [
    'contract',
    'test/contract/transport/transport.test.ts',
    'test/contract/limits.test.ts',
    'test/contract/native/',
    'test/contract/batches/',
  ],
  'src/http/sockets': ['unit', 'src/http/server.test.ts'],
}

/** What is replaced, and by what; each place in the code is one mutant. */
const MUTATIONS = [
  [/ === /g, ' !== '],
  [/ !== /g, ' === '],
  [/ && /g, ' || '],
  [/ \|\| /g, ' && '],
  [/ \?\? /g, ' || '],
  [/ < /g, ' <= '],
  [/ <= /g, ' < '],
  [/ > /g, ' >= '],
  [/ >= /g, ' > '],
  [/ \+ /g, ' - '],
  [/ - /g, ' + '],
  [/\btrue\b/g, 'false'],
  [/\bfalse\b/g, 'true'],
  [/(?<=if \()(?=[^)])/g, '!!0 && '],
  [/(?<=return )(?!undefined)[a-z]\w*(?=$)/gm, 'undefined as never'],
  [/^ +(?:await )?[\w.#]+\([^()]*\)$/gm, ''],
  [/\.some\(/g, '.every('],
  [/\.every\(/g, '.some('],
  [/Math\.min\(/g, 'Math.max('],
  [/Math\.max\(/g, 'Math.min('],
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: 'string', default: '30' }, seed: { type: 'string', default: '1' } },
})
const targets = positionals.length > 0 ? positionals : DEFAULT_TARGETS
const chosen = shuffle(targets.flatMap(mutantsOf), Number(values.seed))
report(chosen.slice(0, Number(values.count)))

/** @param target a file, a folder, or a line of a file as `FILE:LINE` */
function mutantsOf(target) {
  const [, path, line] = /^(.*?)(?::(\d+))?$/.exec(target)
  const mutants = listSources(path).flatMap(findMutants)
  return line === undefined ? mutants : mutants.filter((mutant) => lineOf(mutant) === Number(line))
}

function lineOf({ code, index }) {
  return code.slice(0, index).split('\n').length
}

function listSources(path) {
  if (statSync(join(ROOT, path)).isFile()) return [path]
  return readdirSync(join(ROOT, path), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => join(path, name))
}

function findMutants(file) {
  const code = readFileSync(join(ROOT, file), 'utf8')
  return MUTATIONS.flatMap(([pattern, replacement]) =>
    [...code.matchAll(pattern)]
      .filter(({ index }) => isCode(code, index))
      .map(({ 0: text, index }) => ({ file, code, index, text, replacement })),
  )
}

/** No comment, import or type: those change nothing, or nothing that runs. */
function isCode(code, index) {
  const line = code.slice(code.lastIndexOf('\n', index) + 1, code.indexOf('\n', index))
  return !/^\s*(?:\/\/|\*|\/\*|import|export (?:type|interface)|readonly |\|)/.test(line)
}

/** The same order for the same seed: a linear congruential generator is random enough here. */
function shuffle(items, seed) {
  let state = seed
  const next = () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31)
  return items
    .map((item) => [next(), item])
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item)
}

function report(mutants) {
  const copy = mkdtempSync(join(tmpdir(), 'flocap-mutants-'))
  try {
    for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true })
    for (const name of ['node_modules', 'dist']) symlinkSync(join(ROOT, name), join(copy, name))
    for (const folder of new Set(mutants.map(({ file }) => `${dirname(file)}/`))) {
      if (!passes(copy, 'unit', [folder]))
        throw new Error(`the tests of ${folder} fail without any mutant`)
    }
    const survivors = mutants.filter((mutant) => survives(copy, mutant))
    console.log(`\n${mutants.length} mutants, ${survivors.length} survived:`)
    for (const mutant of survivors) console.log(`  ${describe(mutant)}`)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

function survives(copy, mutant) {
  const { file, code, index, text, replacement } = mutant
  writeFileSync(
    join(copy, file),
    code.slice(0, index) + replacement + code.slice(index + text.length),
  )
  const own = file.replace(/\.ts$/, '.test.ts')
  const [project, ...outer] = OUTER_TESTS[dirname(file)] ?? []
  const passed =
    (!existsSync(join(copy, own)) || passes(copy, 'unit', [own])) &&
    passes(copy, 'unit', [`${dirname(file)}/`]) &&
    (project === undefined || passes(copy, project, outer))
  writeFileSync(join(copy, file), code)
  console.log(`${passed ? 'SURVIVED' : 'killed  '} ${describe(mutant)}`)
  return passed
}

function passes(copy, project, filters) {
  const { status } = spawnSync(
    process.execPath,
    [
      join(copy, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--project',
      project,
      '--bail',
      '1',
      '--passWithNoTests',
      ...filters,
    ],
    { cwd: copy, timeout: PATIENCE_MS, stdio: 'ignore' },
  )
  return status === 0
}

function describe(mutant) {
  const { file, text, replacement } = mutant
  const change = `${JSON.stringify(text.trim())} -> ${JSON.stringify(replacement.trim())}`
  return `${relative('.', file)}:${lineOf(mutant)} ${change}`
}
