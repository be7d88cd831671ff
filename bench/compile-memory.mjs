// Time and peak memory of compiling a full-size checkpoint as the engine does, by stage.
//
//   node bench/compile-memory.mjs [base|large|CHECKPOINT] [auto|fast|fp32] [CACHE]
//
// Linux only: /proc tells. `file` is memory mapped from files, which the system takes back when
// somebody else needs it. Peaks between two looks are missed, so the process's own record, `peak`,
// is what counts.
import { fork } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { availableParallelism } from 'node:os'
import { ensureCheckpoint } from './checkpoint.mjs'

const LOOK_EVERY_MS = 20
const BYTES_PER_MB = 1e6

if (process.send) await compileHere(...process.argv.slice(2))
else await measure(...process.argv.slice(2))

/** In the child: compiles, and tells which stage begins. */
async function compileHere(checkpoint, compiled, precision) {
  const { compileModel } = await import('../dist/compiler/compile.js')
  const { createLaboratory } = await import('../dist/engine/laboratory.js')
  const laboratory = createLaboratory(availableParallelism())
  const quiet = () => undefined
  const log = { debug: quiet, info: quiet, warn: console.warn, error: quiet, child: () => log }
  await compileModel(checkpoint, compiled, {
    log,
    precision,
    laboratory: {
      async observe(...asked) {
        process.send(`running the graphs, weights ${asked[1]}`)
        const seen = await laboratory.observe(...asked)
        process.send('writing the next graphs')
        return seen
      },
    },
  })
  process.disconnect()
}

async function measure(size = 'base', precision = 'auto', cache = '.cache/bench') {
  const checkpoint = existsSync(join(size, 'config.json')) ? size : ensureCheckpoint(cache, size)
  const compiled = join(checkpoint, '..', `compile-memory-${precision}`)
  rmSync(compiled, { recursive: true, force: true })
  const began = performance.now()
  const { withTunedMalloc } = await import('../dist/engine/malloc.js')
  const child = fork(fileURLToPath(import.meta.url), [checkpoint, compiled, precision], {
    env: withTunedMalloc(process.env),
  })
  const stages = []
  let peak = 0
  const enter = (name) =>
    stages.push({ name, s: seconds(began), resident: 0, anonymous: 0, file: 0 })
  const look = () => {
    const now = readMemory(child.pid)
    if (!now) return
    const stage = stages.at(-1)
    peak = Math.max(peak, now.peak)
    const { resident, anonymous, file } = now
    if (resident > stage.resident) Object.assign(stage, { resident, anonymous, file })
  }
  enter('writing the first graphs')
  child.on('message', (name) => {
    look()
    enter(name)
  })
  const timer = setInterval(look, LOOK_EVERY_MS)
  const code = await new Promise((resolve) => child.on('exit', resolve))
  clearInterval(timer)
  if (code !== 0) throw new Error(`compiling ended with code ${code}`)
  console.table(stages)
  const bytes = statSync(join(checkpoint, 'model.safetensors')).size / BYTES_PER_MB
  console.log(
    `${size}, ${precision}: ${seconds(began)} s, peak ${Math.round(peak)} MB, ` +
      `${(peak / bytes).toFixed(2)} times the checkpoint's ${Math.round(bytes)} MB`,
  )
}

/** In MB; undefined when the process has ended. */
function readMemory(pid) {
  let status
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return undefined
  }
  const field = (name) => {
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]
    return Math.round((Number(kibibytes ?? 0) * 1024) / BYTES_PER_MB)
  }
  return {
    resident: field('VmRSS'),
    anonymous: field('RssAnon'),
    file: field('RssFile'),
    peak: field('VmHWM'),
  }
}

function seconds(began) {
  return Math.round((performance.now() - began) / 1000)
}
