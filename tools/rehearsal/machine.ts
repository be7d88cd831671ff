// A machine for rehearsed jobs: each gets an empty folder, a home and a Node as its steps ask for, and
// nothing of this machine but its programs. What would publish only shows what it would publish.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { uploadArtifact } from './artifacts.ts'
import type { Machine, Variables } from './run-workflow.ts'

export interface MachineOptions {
  /** The repository that is checked out. */
  readonly origin: string
  /** Empty, for everything. */
  readonly work: string
  /** Where the page of the release gets its files. */
  readonly release: string
  readonly variables: Variables
  /** Told of each step, and of those that cannot be run here. */
  readonly say: (line: string) => void
}

/** GitHub starts scripts in these ways; without a shell of its own bash does not look into pipes. */
const BASH = ['bash', '-e']
const BASH_BY_NAME = ['bash', '--noprofile', '--norc', '-eo', 'pipefail']

/** Steps of it are no shell scripts of this system. */
const NPM_SHIM = `#!/bin/sh
# A rehearsal publishes nothing; provenance needs the signing service of a real run.
[ "$1" = publish ] || exec "$REHEARSAL_NPM" "$@"
for word; do
  shift
  [ "$word" = --provenance ] || set -- "$@" "$word"
done
exec "$REHEARSAL_NPM" "$@" --dry-run
`
const GH_SHIM = `#!/bin/sh
# A rehearsal's release is a folder.
[ "$1 $2" = 'release create' ] || { echo "Expected 'gh release create', got 'gh $1 $2'." >&2; exit 1; }
mkdir -p "$REHEARSAL_RELEASE"
shift 3
while [ $# -gt 0 ]; do
  case $1 in
    --notes-file) cp "$2" "$REHEARSAL_RELEASE/notes.md" || exit 1; shift 2 ;;
    --repo | --title) shift 2 ;;
    --*) shift ;;
    *) cp "$1" "$REHEARSAL_RELEASE/" || exit 1; shift ;;
  esac
done
`

export function createMachine({ origin, work, release, variables, say }: MachineOptions): Machine {
  const shims = join(work, 'shims')
  const artifacts = join(work, 'artifacts')
  const home = join(work, 'home')
  for (const folder of [shims, artifacts, home]) mkdirSync(folder, { recursive: true })
  writeScript(join(shims, 'npm'), NPM_SHIM)
  writeScript(join(shims, 'gh'), GH_SHIM)
  let place = work
  let node = dirname(process.execPath)
  let begun = 0

  const environment = (env: Variables): NodeJS.ProcessEnv => ({
    ...ofThisMachine(),
    HOME: home,
    PATH: [shims, node, '/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'].join(delimiter),
    REHEARSAL_NPM: join(node, 'npm'),
    REHEARSAL_RELEASE: release,
    ...variables,
    ...env,
  })

  return {
    async begin(job, row) {
      begun += 1
      place = join(work, `${begun}-${job}`)
      node = dirname(process.execPath)
      mkdirSync(place)
      say(`\n== ${job}${Object.keys(row).length === 0 ? '' : ` ${JSON.stringify(row)}`}`)
    },
    async run(script, shell, env) {
      say(`$ ${script.trim()}`)
      if (shell === 'pwsh' && spawnSync('pwsh', ['-v']).status !== 0) {
        say('  NOT RUN: there is no PowerShell here.')
        return
      }
      const file = join(work, `script${shell === 'pwsh' ? '.ps1' : '.sh'}`)
      writeFileSync(file, script)
      const [program = '', ...args] =
        shell === 'pwsh' ? ['pwsh', '-File'] : shell === 'bash' ? BASH_BY_NAME : BASH
      await runToEnd(program, [...args, file], place, environment(env))
    },
    async use(action, inputs, env) {
      const [name = ''] = action.split('@')
      say(`uses ${action} ${JSON.stringify(inputs)}`)
      switch (name) {
        case 'actions/checkout':
          git(['clone', '--quiet', `file://${origin}`, place])
          return {}
        case 'actions/setup-node':
          node = installNode(inputs['node-version'] ?? '', work)
          return {}
        case 'actions/upload-artifact':
          uploadArtifact(place, join(artifacts, inputs['name'] ?? ''), inputs['path'] ?? '')
          return {}
        case 'actions/download-artifact':
          cpSync(join(artifacts, inputs['name'] ?? ''), join(place, inputs['path'] ?? ''), {
            recursive: true,
          })
          return {}
        case 'docker/build-push-action':
          await buildImage(inputs, place, environment(env), say)
          return {}
        case 'docker/setup-qemu-action':
        case 'docker/setup-buildx-action':
        case 'docker/login-action':
        case 'docker/metadata-action':
          say('  NOT RUN: belongs to the registry of images.')
          return { tags: '', labels: '' }
        default:
          throw new Error(`Expected an action that this rehearsal knows, got '${action}'.`)
      }
    },
  }
}

function writeScript(path: string, text: string): void {
  writeFileSync(path, text)
  chmodSync(path, 0o755)
}

/** How packages are fetched here, and nothing else. */
function ofThisMachine(): NodeJS.ProcessEnv {
  const npm = (setting: string): string =>
    execFileSync('npm', ['config', 'get', setting], { encoding: 'utf8' }).trim()
  const { NODE_EXTRA_CA_CERTS, FLOCAP_REFERENCE_DATA } = process.env
  return {
    LANG: 'C.UTF-8',
    npm_config_registry: npm('registry'),
    npm_config_cache: npm('cache'),
    ...(NODE_EXTRA_CA_CERTS === undefined ? {} : { NODE_EXTRA_CA_CERTS }),
    ...(FLOCAP_REFERENCE_DATA === undefined ? {} : { FLOCAP_REFERENCE_DATA }),
  }
}

function git(args: readonly string[]): void {
  execFileSync('git', args, { stdio: 'inherit' })
}

/** @returns the folder of `node` and its `npm`. */
function installNode(version: string, work: string): string {
  if (process.version.startsWith(`v${version}.`)) return dirname(process.execPath)
  const prefix = join(work, `node-${version}`)
  const bin = join(prefix, 'bin')
  if (existsSync(bin)) return bin
  const packages = [`node-${process.platform}-${process.arch}@${version}`, 'npm@11']
  execFileSync(
    'npm',
    ['install', '--prefix', prefix, '--no-save', '--ignore-scripts', '--silent', ...packages],
    { stdio: 'inherit' },
  )
  mkdirSync(bin)
  const modules = join(prefix, 'node_modules')
  symlinkSync(
    join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node'),
    join(bin, 'node'),
  )
  for (const name of ['npm', 'npx']) {
    symlinkSync(join(modules, 'npm', 'bin', `${name}-cli.js`), join(bin, name))
  }
  return bin
}

async function buildImage(
  { context = '.', file = '' }: Variables,
  place: string,
  env: NodeJS.ProcessEnv,
  say: MachineOptions['say'],
): Promise<void> {
  if (spawnSync('docker', ['info'], { stdio: 'ignore' }).status !== 0) {
    say(`  NOT RUN: there is no container engine here; ${file} is not built.`)
    return
  }
  await runToEnd('docker', ['build', '--file', file, context], place, env)
}

async function runToEnd(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (code !== 0) throw new Error(`Expected the step to end with 0, got ${code}.`)
}
