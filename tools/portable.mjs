// Builds the portable archives: FloCap with a Node of its own, for people who have none. Unpack, start.
//
//   npm run portable                        both systems, into portable/
//   npm run portable -- linux-x64           one of them
//   npm run portable -- win32-x64 --to DIR
//
// Everything comes from this clone, built, and from the npm registry: the packages of package-lock.json
// for the other system, and Node as a package whose hash stands in portable/targets.mjs. Any system can
// build for the others.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { isLeftOut } from './bundled-packages.mjs'
import { extractFile, writeArchive } from './portable/archive.mjs'
import { NODE_LICENSE, NODE_VERSION, renderReadme, TARGETS } from './portable/targets.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const ONNX_BINARIES = 'dist/node_modules/onnxruntime-node/bin/'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { to: { type: 'string', default: join(ROOT, 'portable') } },
})
for (const name of positionals) {
  if (TARGETS[name] !== undefined) continue
  console.error(`Expected ${Object.keys(TARGETS).join(' or ')}, got '${name}'.`)
  process.exit(2)
}

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const to = resolve(values.to)
mkdirSync(to, { recursive: true })
for (const name of positionals.length > 0 ? positionals : Object.keys(TARGETS)) {
  await build(name)
}

async function build(name) {
  const target = TARGETS[name]
  const work = mkdtempSync(join(tmpdir(), 'flocap-portable-'))
  try {
    const folder = join(work, `flocap-${version}-${name}`)
    stageProgram(target, join(folder, 'app'))
    await stageNode(target, folder, work)
    for (const [file, text] of Object.entries(target.launchers)) {
      writeFileSync(join(folder, file), text)
      chmodSync(join(folder, file), 0o755)
    }
    writeFileSync(join(folder, 'README.txt'), renderReadme(target))
    // Without the version, so that the address of the newest one stays the same.
    const archive = join(to, `flocap-${name}.${target.archive}`)
    await writeArchive(folder, archive)
    const hash = await hashOf(archive, 'sha256', 'hex')
    writeFileSync(`${archive}.sha256`, `${hash}  ${basename(archive)}\n`)
    console.log(`${archive}  ${Math.round(statSync(archive).size / 2 ** 20)} MB`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** What the package holds, less the binaries of other systems, and what it depends on. */
function stageProgram({ os, cpu, libc }, app) {
  const [{ files }] = JSON.parse(npm(['pack', '--dry-run', '--json'], ROOT))
  const foreign = (path) => path.startsWith(ONNX_BINARIES) && !path.includes(`/${os}/${cpu}/`)
  for (const { path } of files) if (!foreign(path)) copy(join(ROOT, path), join(app, path))
  for (const file of ['package-lock.json', '.npmrc']) copy(join(ROOT, file), join(app, file))
  const system = [`--os=${os}`, `--cpu=${cpu}`, ...(libc === undefined ? [] : [`--libc=${libc}`])]
  npm(['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', ...system], app)
  const ofDependencies = readdirSync(join(app, 'node_modules'), { recursive: true })
  const needless = ofDependencies.filter(isLeftOut).map((file) => join('node_modules', file))
  const ofNpm = ['package-lock.json', '.npmrc', join('node_modules', '.package-lock.json')]
  for (const file of [...needless, ...ofNpm]) rmSync(join(app, file), { recursive: true })
}

/** The packages of Node hold its licence on some systems only; the text is the same for all. */
async function stageNode({ node }, folder, work) {
  const program = basename(node.file)
  await extractFile(await fetchPackage(node, work), node.file, join(folder, program))
  chmodSync(join(folder, program), 0o755)
  const licence = await fetchPackage(NODE_LICENSE, work)
  await extractFile(licence, NODE_LICENSE.file, join(folder, 'LICENSE-node.txt'))
}

/** @returns the tarball, whose hash is the known one. */
async function fetchPackage({ package: name, integrity }, work) {
  const [{ filename }] = JSON.parse(
    npm(['pack', '--json', '--pack-destination', work, `${name}@${NODE_VERSION}`], work),
  )
  const tarball = join(work, filename)
  const hash = `sha512-${await hashOf(tarball, 'sha512', 'base64')}`
  if (hash !== integrity) {
    throw new Error(`${name}@${NODE_VERSION}: expected ${integrity}, got ${hash}.`)
  }
  return tarball
}

async function hashOf(file, algorithm, encoding) {
  const hash = createHash(algorithm)
  await pipeline(createReadStream(file), hash)
  return hash.digest(encoding)
}

function copy(source, target) {
  mkdirSync(dirname(target), { recursive: true })
  copyFileSync(source, target)
}

function npm(args, cwd) {
  const shell = process.platform === 'win32'
  // What npm sets for its scripts would make of this a command inside of a command.
  const environment = Object.entries(process.env).filter(
    ([name]) => !/^npm_(?:config_(?:local_)?prefix|lifecycle|package)/i.test(name),
  )
  return execFileSync('npm', args, {
    cwd,
    shell,
    env: Object.fromEntries(environment),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 26,
  })
}
