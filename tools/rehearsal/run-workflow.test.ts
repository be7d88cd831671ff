// The release workflow as GitHub goes through it for each event, on a machine that only takes notes: what
// would run, in which order, and that nothing is published where nothing should be.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { expand, isTrue } from './expressions.ts'
import {
  githubVariables,
  type RehearsedEvent,
  runWorkflow,
  type Variables,
} from './run-workflow.ts'
import { matrixRows, orderJobs, Workflow } from './workflow.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const RELEASE = Workflow.parse(parse(readFileSync(`${ROOT}.github/workflows/release.yml`, 'utf8')))

const { version: VERSION } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')))

const TAG: RehearsedEvent = { name: 'push', ref: 'refs/tags/v1.2.3', inputs: {} }
const BY_HAND: RehearsedEvent = {
  name: 'workflow_dispatch',
  ref: 'refs/heads/main',
  inputs: { dry_run: true },
}

interface Noted {
  readonly job: string
  readonly what: string
  readonly inputs: Variables
  readonly env: Variables
}

async function note(
  event: RehearsedEvent,
  workflow = RELEASE,
  leaveOut: readonly string[] = [],
): Promise<readonly Noted[]> {
  const noted: Noted[] = []
  let current = ''
  await runWorkflow(
    workflow,
    event,
    {
      async begin(job) {
        current = job
      },
      async run(what, _shell, env) {
        noted.push({ job: current, what, inputs: {}, env })
      },
      async use(what, inputs, env) {
        noted.push({ job: current, what, inputs, env })
        return what.startsWith('docker/metadata-action') ? { tags: 'a-tag', labels: '' } : {}
      },
    },
    leaveOut,
  )
  return noted
}

const jobsOf = (noted: readonly Noted[]): readonly string[] => [
  ...new Set(noted.map(({ job }) => job)),
]
const publishes = ({ what, inputs }: Noted): boolean =>
  /npm publish(?!.*--dry-run)|gh release|login-action/.test(what) || inputs['push'] === 'true'

describe('the release workflow', () => {
  it('goes through all of it for a tag, the page of the release last', async () => {
    const noted = await note(TAG)
    expect(jobsOf(noted)).toEqual(['check', 'npm', 'image', 'archives', 'windows', 'release'])
    expect(noted.filter(publishes).map(({ job }) => job)).toEqual([
      'npm',
      'image',
      'image',
      'image',
      'image',
      'release',
    ])
    const images = noted.filter(({ what }) => what.startsWith('docker/build-push-action'))
    expect(images.map(({ inputs }) => [inputs['file'], inputs['tags']])).toEqual([
      ['deploy/Dockerfile', 'a-tag'],
      ['deploy/Dockerfile.cuda', 'a-tag'],
    ])
    expect(noted[0]?.env).toEqual({ PUBLISH: 'true', NODE_VERSION: '24' })
  })

  it('publishes nothing by hand, but would build everything', async () => {
    const noted = await note(BY_HAND)
    expect(noted.filter(publishes)).toEqual([])
    expect(jobsOf(noted)).toEqual(['check', 'npm', 'image', 'archives', 'windows'])
    expect(noted.map(({ what }) => what)).toContain('npm publish --dry-run')
    // With the box cleared too, unless it is started from a tag.
    const cleared = { ...BY_HAND, inputs: { dry_run: false } }
    expect((await note(cleared)).filter(publishes)).toEqual([])
    expect((await note({ ...cleared, ref: TAG.ref })).filter(publishes)).toHaveLength(6)
  })

  it('leaves out jobs whose work is done elsewhere', async () => {
    expect(jobsOf(await note(TAG, RELEASE, ['check', 'image']))).toEqual([
      'npm',
      'archives',
      'windows',
      'release',
    ])
  })

  it.skipIf(process.platform === 'win32')('stops at a tag that is another version', async () => {
    const check = (await note(TAG)).find(({ what }) => what.startsWith('test "$GITHUB_REF_NAME"'))!
    const statusAt = (ref: string): number | null =>
      spawnSync('bash', ['-e', '-c', check.what], {
        cwd: ROOT,
        env: { ...process.env, ...githubVariables({ ...TAG, ref }) },
      }).status
    expect(statusAt(`refs/tags/v${VERSION}`)).toBe(0)
    expect(statusAt('refs/tags/v99.0.0')).toBe(1)
  })
})

describe('runWorkflow', () => {
  const job = (steps: string, more = ''): string =>
    `{runs-on: x, timeout-minutes: 1, ${more} steps: ${steps}}`
  const workflow = (jobs: string): Workflow =>
    Workflow.parse(parse(`{name: n, on: push, permissions: {}, jobs: ${jobs}}`))

  it('skips what needs a skipped job, whatever its place in the file', async () => {
    const { jobs } = {
      jobs: `{c: ${job('[{run: c}]', 'needs: b,')}, b: ${job('[{run: b}]', 'needs: a, if: "false",')}, a: ${job('[{run: a}]')}}`,
    }
    expect(orderJobs(workflow(jobs))).toEqual(['a', 'b', 'c'])
    expect((await note(TAG, workflow(jobs))).map(({ what }) => what)).toEqual(['a'])
  })

  it('refuses jobs that wait for each other or for one that is not there', async () => {
    const circle = workflow(
      `{a: ${job('[{run: a}]', 'needs: b,')}, b: ${job('[{run: b}]', 'needs: a,')}}`,
    )
    expect(() => orderJobs(circle)).toThrow('a waits for b waits for a')
    await expect(note(TAG, workflow(`{a: ${job('[{run: a}]', 'needs: gone,')}}`))).rejects.toThrow(
      "Expected a job 'gone'",
    )
  })

  it('runs a job for each combination of its matrix', () => {
    const { jobs } = workflow(
      `{a: ${job('[{run: a}]', 'strategy: {matrix: {os: [x, y], node: ["20", "24"]}},')}}`,
    )
    expect(matrixRows(jobs['a']!)).toEqual([
      { os: 'x', node: '20' },
      { os: 'x', node: '24' },
      { os: 'y', node: '20' },
      { os: 'y', node: '24' },
    ])
  })
})

describe('expressions', () => {
  const contexts = { env: { A: 'true', B: '' }, inputs: { dry_run: false } }

  it('are conditions, with or without their braces', () => {
    expect(isTrue("env.A == 'true'", contexts)).toBe(true)
    expect(isTrue("${{ env.A == 'false' }}", contexts)).toBe(false)
    expect(isTrue('inputs.dry_run', contexts)).toBe(false)
    expect(isTrue('env.B', contexts)).toBe(false)
    expect(isTrue('env.missing', contexts)).toBe(false)
  })

  it('stand in texts, and are refused where GitHub would refuse them', () => {
    expect(expand("a ${{ env.A }} b ${{ !inputs.dry_run && 'c' }}", contexts)).toBe('a true b c')
    expect(() => expand('${{ envv.A }}', contexts)).toThrow('envv')
  })
})

it.skipIf(process.platform === 'win32')('prints the notes of a version, or fails', () => {
  const notes = `${ROOT}tools/release/notes.mjs`
  const isCut = readFileSync(`${ROOT}CHANGELOG.md`, 'utf8').includes(`\n## ${VERSION} (`)
  if (isCut) {
    expect(execFileSync(process.execPath, [notes], { encoding: 'utf8' })).toMatch(/^- /m)
  } else {
    const { status, stderr } = spawnSync(process.execPath, [notes], { encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toContain(`Expected a section '## ${VERSION} (date)' in CHANGELOG.md`)
  }
})
