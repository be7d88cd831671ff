// `node tools/run.mjs acceptance ...`: runs a developer's program written in TypeScript, on the oldest
// Node that FloCap supports, against the built product: what it imports of src/ is what is in dist/.
import { rmSync } from 'node:fs'
import { basename, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'vite'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SOURCES = resolve(ROOT, 'src')
/** Ignored by git, and below node_modules' parent, so that libraries are found. */
const OUTPUT = resolve(ROOT, '.cache', 'tools')

/** Leaves out modules of `src`: the build has compiled them already. */
const useBuiltProduct = {
  name: 'use-built-product',
  enforce: 'pre',
  resolveId(source, importer) {
    if (importer === undefined || !source.startsWith('.')) return undefined
    const path = resolve(importer, '..', source)
    if (!path.startsWith(SOURCES + sep)) return undefined
    const built = resolve(ROOT, 'dist', relative(SOURCES, path).replace(/\.ts$/, '.js'))
    return { id: pathToFileURL(built).href, external: true }
  },
}

const [name, ...rest] = process.argv.slice(2)
/** Of this process alone: two may run at the same time. */
const program = resolve(OUTPUT, `${name}-${process.pid}.mjs`)
await build({
  root: ROOT,
  configFile: false,
  logLevel: 'warn',
  plugins: [useBuiltProduct],
  build: {
    ssr: resolve(ROOT, 'tools', name, 'main.ts'),
    outDir: OUTPUT,
    emptyOutDir: false,
    rolldownOptions: { output: { entryFileNames: basename(program) } },
  },
})
process.argv.splice(1, process.argv.length, program, ...rest)
process.once('exit', () => rmSync(program, { force: true }))
await import(pathToFileURL(program).href)
