// Lines a second of the real engine over a queue: two workers with one thread each against one worker with two,
// by turns. Needs the built program, redis-server and a machine with two free cores.
//
//   node bench/queue-engines.mjs [--lines 300] [--rounds 3]
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { PROGRAM, startRedis, startServer, stop, submit, untilDone } from './queue-parts.mjs'

const WAYS = [
  { name: '1 worker x 2 threads', workers: 1, threads: 2 },
  { name: '2 workers x 1 thread', workers: 2, threads: 1 },
]
/** Lines before the clock runs: engines warm up. */
const WARM = 20

const { values: options } = parseArgs({
  options: {
    lines: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '3' },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'flocap-bench-'))
const redis = await startRedis(folder)
const environment = { FLOCAP_HOME: folder, FLOCAP_ANSWER_CACHE_MB: '0' }
const server = await startServer(['--queue', redis.url], environment)
const speeds = new Map(WAYS.map(({ name }) => [name, []]))
try {
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const way of WAYS) {
      const speed = await measure(way)
      speeds.get(way.name).push(speed)
      console.log(`${way.name}: ${speed.toFixed(1)} lines/s`)
    }
  }
  const [one, two] = [...speeds.values()].map((all) =>
    all.toSorted((a, b) => a - b).at(all.length >> 1),
  )
  console.log(
    `medians: 2 workers x 1 thread do ${((two / one) * 100).toFixed(0)} % of 1 worker x 2 threads`,
  )
} finally {
  await stop(server.child)
  redis.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function measure({ workers, threads }) {
  const children = await Promise.all(
    Array.from({ length: workers }, () => startWorker(['--threads', `${threads}`])),
  )
  const lines = Number(options.lines)
  const id = await submit(server.url, lines + WARM)
  await untilDone(server.url, id, WARM)
  const start = performance.now()
  await untilDone(server.url, id, lines + WARM)
  const speed = lines / ((performance.now() - start) / 1_000)
  await Promise.all(children.map(stop))
  return speed
}

async function startWorker(args) {
  const all = [PROGRAM, 'worker', '--queue', redis.url, '--engines', '1', ...args]
  const child = spawn(process.execPath, all, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let written = ''
  await new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      written += chunk
      if (written.includes('Working for ')) resolve()
    })
    child.once('exit', () => reject(new Error(written)))
  })
  return child
}
