// What a server costs before anything is asked of it: milliseconds until it can answer and memory then, of two
// built programs by turns. What one has that the other has not, such as a queue, shows here if it costs anything.
//
//   node bench/start.mjs BEFORE AFTER [--rounds 7]
//
// Both are folders with node_modules and dist (`git worktree add ../before COMMIT`, `npm ci`, `npm run build`).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startServer, stop } from './queue-parts.mjs'

const { values: options, positionals: folders } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '7' } },
})
if (folders.length !== 2) throw new Error('Expected two folders of built programs.')

const home = mkdtempSync(join(tmpdir(), 'flocap-bench-'))
const figures = new Map(folders.map((folder) => [folder, { ready: [], memory: [] }]))
try {
  // The first compiles the model.
  for (const folder of folders) await measure(folder)
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const [folder, { ready, memory }] of figures) {
      const figure = await measure(folder)
      ready.push(figure.readyMs)
      memory.push(figure.residentMb)
    }
  }
} finally {
  rmSync(home, { recursive: true, force: true })
}
for (const [folder, { ready, memory }] of figures) {
  console.log(
    `${folder}: ready after ${median(ready).toFixed(0)} ms (${spread(ready)}), server ${median(memory).toFixed(1)} MB (${spread(memory)})`,
  )
}

async function measure(folder) {
  const program = resolve(folder, 'dist/cli/main.js')
  const { child, readyMs } = await startServer([], { FLOCAP_HOME: home }, [], program)
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  const residentMb = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1_024
  await stop(child)
  return { readyMs, residentMb }
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

function spread(values) {
  return `${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}`
}
