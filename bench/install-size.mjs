// What a user has on disk after installing each program, without model weights: the package and all
// that it needs at run time, as its installer lays it out.
import { execFileSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
/** Distributions whose dependencies are what a Python user installs. */
const PYTHON_ROOTS = {
  PyTorch: ['torch', 'transformers', 'pillow'],
  OpenVINO: ['openvino', 'tokenizers', 'numpy', 'pillow'],
}

/** MB by family of programs. */
export function measureInstallSizes({ families, python }) {
  const sizes = {}
  if (families.has('FloCap')) sizes.FloCap = measureFlocap()
  if (families.has('transformers.js'))
    sizes['transformers.js'] = folderBytes(here('./baselines/node/node_modules'))
  for (const [family, roots] of Object.entries(PYTHON_ROOTS))
    if (families.has(family)) sizes[family] = measurePython(python, roots)
  return Object.fromEntries(
    Object.entries(sizes).map(([family, bytes]) => [family, Math.round(bytes / 1e6)]),
  )
}

/** The package's own files and every package in the lock that is not for development. */
function measureFlocap() {
  const root = here('..')
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const dependencies = Object.entries(packages)
    .filter(([path, entry]) => path !== '' && !entry.dev && !entry.devOptional)
    .map(([path]) => join(root, path))
  // A package inside another's node_modules is already counted with it.
  const outermost = dependencies.filter((path) => dirname(path).split('node_modules').length === 2)
  return [...files.map((file) => join(root, file)), ...outermost].reduce(
    (total, path) => total + folderBytes(path),
    0,
  )
}

/** Bytes of a file or folder; 0 where there is none, as with another platform's optional package. */
function folderBytes(path) {
  const status = lstatSync(path, { throwIfNoEntry: false })
  if (!status) return 0
  if (status.isSymbolicLink() && !path.endsWith('node_modules')) return 0
  if (status.isFile()) return status.size
  const folder = realpathSync(path)
  return readdirSync(folder).reduce((total, name) => total + folderBytes(join(folder, name)), 0)
}

const PYTHON_PROGRAM = `
import sys
from importlib.metadata import PackageNotFoundError, distribution
from packaging.requirements import Requirement

seen, waiting, total = set(), sys.argv[1:], 0
while waiting:
    name = waiting.pop().lower().replace("_", "-")
    if name in seen:
        continue
    seen.add(name)
    try:
        found = distribution(name)
    except PackageNotFoundError:
        continue
    total += sum(file.locate().stat().st_size for file in found.files or [] if file.locate().is_file())
    for text in found.requires or []:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            waiting.append(requirement.name)
print(total)
`

function measurePython(python, roots) {
  return Number(execFileSync(python, ['-c', PYTHON_PROGRAM, ...roots], { encoding: 'utf8' }))
}
