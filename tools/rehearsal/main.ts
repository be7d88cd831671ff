// Rehearses a release on this machine: cuts the version in a fresh clone of the last commit, reads
// .github/workflows/release.yml there, and runs the workflow's steps in their order. Nothing
// is published: npm shows what it would send, and the page of the release is a folder.
//
//   npm run release:rehearse                          as if the version's tag had been pushed
//   npm run release:rehearse -- --by-hand             as if started by hand, "dry run" ticked
//   npm run release:rehearse -- --without check       leaves a job out (the tests: many minutes)
//   npm run release:rehearse -- --to DIR              for the files of the release (release/)
//
// Needs git, bash and the npm registry. Images are built where a container engine is, the step for
// Windows where PowerShell is: what is not run is said.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { parse } from 'yaml'
import { z } from 'zod'
import { createMachine } from './machine.ts'
import { githubVariables, type RehearsedEvent, runWorkflow } from './run-workflow.ts'
import { Workflow } from './workflow.ts'

const ROOT = process.cwd()
const WHO = {
  GIT_AUTHOR_NAME: 'rehearsal',
  GIT_AUTHOR_EMAIL: 'rehearsal@localhost',
  GIT_COMMITTER_NAME: 'rehearsal',
  GIT_COMMITTER_EMAIL: 'rehearsal@localhost',
}

const { values } = parseArgs({
  options: {
    'by-hand': { type: 'boolean', default: false },
    without: { type: 'string', multiple: true, default: [] },
    to: { type: 'string', default: 'release' },
  },
})

const work = mkdtempSync(join(tmpdir(), 'flocap-rehearsal-'))
const origin = join(work, 'origin')
const release = resolve(values.to)
const notRun: string[] = []

try {
  const workflow = cutVersion()
  const event = eventOf()
  const machine = createMachine({
    origin,
    work,
    release,
    variables: githubVariables(event),
    say(line) {
      if (line.includes('NOT RUN')) notRun.push(line.trim())
      console.log(line)
    },
  })
  rmSync(release, { recursive: true, force: true })
  await runWorkflow(workflow, event, machine, values.without)
  if (!values['by-hand']) checkRelease()
  for (const line of [...new Set(notRun), ...values.without.map((job) => `LEFT OUT: ${job}`)]) {
    console.log(line)
  }
  console.log('The rehearsal came to its end.')
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(work, { recursive: true, force: true })
}

/** As the person does who releases, in a clone. */
function cutVersion(): Workflow {
  const inOrigin = { cwd: origin, env: { ...process.env, ...WHO }, stdio: 'inherit' } as const
  execFileSync('git', ['clone', '--quiet', `file://${ROOT}`, origin], { stdio: 'inherit' })
  execFileSync('npm', ['run', '--silent', 'release:cut', versionOf(origin)], inOrigin)
  const text = readFileSync(join(origin, '.github', 'workflows', 'release.yml'), 'utf8')
  return Workflow.parse(parse(text))
}

function versionOf(folder: string): string {
  const text = readFileSync(join(folder, 'package.json'), 'utf8')
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version
}

function eventOf(): RehearsedEvent {
  if (values['by-hand']) {
    return { name: 'workflow_dispatch', ref: 'refs/heads/main', inputs: { dry_run: true } }
  }
  return { name: 'push', ref: `refs/tags/v${versionOf(origin)}`, inputs: {} }
}

/** Each archive is as its hash says, and every hash has its archive. */
function checkRelease(): void {
  const hashes = readdirSync(release).filter((file) => file.endsWith('.sha256'))
  execFileSync('sha256sum', ['--check', ...hashes], { cwd: release, stdio: 'inherit' })
  console.log(`${release}: ${readdirSync(release).join(', ')}`)
}
