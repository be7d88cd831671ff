// The packages that FloCap's package carries inside itself, in dist/node_modules, where Node finds them
// before any other copy: ONNX Runtime and what it needs. As a dependency it would run its install script
// on the reader's machine, which asks a second server and fails where that cannot be reached. Why it is
// done in this way: docs/decisions/0012-onnxruntime-inside.md.
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const BUNDLED = ['onnxruntime-node']
/** Types, maps and tests, which no program reads, and the second copy of macOS's library: the binding names the other. */
const LEFT_OUT =
  /\.(?:[cm]?ts|[cm]?[jt]s\.map|test\.[cm]?js|flow|tsbuildinfo)$|libonnxruntime\.\d+\.\d+\.\d+\.dylib$/

/** Whether no program reads this file of a package. */
export function isLeftOut(file) {
  return LEFT_OUT.test(file)
}

/** CUDA's libraries, which a user has fetched by hand: docs/guide/devices.md. */
const FETCHED = /libonnxruntime_providers_/

/**
 * @param lock package-lock.json, parsed
 * @returns the names of the bundled packages, dependencies of dependencies included
 */
export function listBundledPackages(lock) {
  const names = new Set(BUNDLED)
  // A set is walked to its end though it grows meanwhile.
  for (const name of names) {
    const { dependencies = {} } = lock.packages[`node_modules/${name}`]
    for (const each of Object.keys(dependencies)) names.add(each)
  }
  return [...names].toSorted()
}

/** Makes `target` hold the files of `source` that programs read, and no others but CUDA's. */
export function syncPackage(source, target) {
  const wanted = new Set(listFiles(source).filter((file) => !isLeftOut(file)))
  for (const file of existsSync(target) ? listFiles(target) : []) {
    if (!wanted.has(file) && !FETCHED.test(file)) rmSync(join(target, file))
  }
  for (const file of wanted) syncFile(join(source, file), join(target, file))
}

/** On Windows a library that a running FloCap has loaded cannot be replaced; the same one need not be. */
function syncFile(source, target) {
  const [from, to] = [statSync(source), statSync(target, { throwIfNoEntry: false })]
  if (to?.size === from.size && to.mtimeMs === from.mtimeMs) return
  rmSync(target, { force: true })
  mkdirSync(dirname(target), { recursive: true })
  try {
    linkSync(source, target)
  } catch {
    // Another file system, or one without links.
    copyFileSync(source, target)
  }
}

function listFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { default: lock } = await import('../package-lock.json', { with: { type: 'json' } })
  const names = listBundledPackages(lock)
  const modules = join(ROOT, 'dist', 'node_modules')
  for (const name of names) syncPackage(join(ROOT, 'node_modules', name), join(modules, name))
  for (const name of existsSync(modules) ? readdirSync(modules) : []) {
    if (!names.includes(name)) rmSync(join(modules, name), { recursive: true })
  }
}
