// What the queue costs and carries, without a model: one front, workers that take a stated time for a line,
// and its own broker. Needs the built program and redis-server.
//
//   node bench/queue.mjs [--workers 1,2,4,8,16,32] [--seconds-each 0.05] [--lines 40] [--payload 200000]
//
// --lines counts those of each worker. A first part gives lines that take no time to as many workers as there
// are cores: jobs a second, and the processor time of each process for a job. A second part shows whether
// twice the workers do twice the work.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const PLACES = 2
const never = new AbortController().signal
const LANE = { model: 'stand-in', fingerprint: 'f'.repeat(64), kernels: 'cpu-bench' }

const { values: options } = parseArgs({
  options: {
    workers: { type: 'string', default: '1,2,4,8,16,32' },
    'seconds-each': { type: 'string', default: '0.05' },
    lines: { type: 'string', default: '40' },
    payload: { type: 'string', default: '200000' },
    port: { type: 'string', default: '6390' },
    'as-worker': { type: 'string' },
  },
})
const url = `redis://127.0.0.1:${options.port}`

if (options['as-worker'] === undefined) await main()
else await beWorker(Number(options['as-worker']))

async function beWorker(seconds) {
  const answer = JSON.stringify({ caption: 'A dog on a sofa. '.repeat(20) })
  const work = async () => {
    if (seconds > 0) await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
    return answer
  }
  const asked = { lane: LANE, device: 'cpu', places: PLACES, work }
  const worker = await (await open()).startWorker(asked, never)
  process.on('message', () => {
    process.send(process.cpuUsage())
    void worker.close().then(() => process.disconnect())
  })
  // The benchmark was ended: so is this.
  process.on('disconnect', () => process.exit())
  process.send('ready')
}

async function open() {
  const { loadQueue } = await import('../dist/queue/open-queue.js')
  const { parseQueueUrl } = await import('../dist/queue/queue-url.js')
  return loadQueue(parseQueueUrl(url), {
    onTrouble: (sentence) => console.error(sentence ?? 'The queue answers again.'),
  })
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'flocap-bench-'))
  const flags = ['--port', options.port, '--save', '', '--appendonly', 'no', '--dir', folder]
  const redis = spawn('redis-server', flags, { stdio: 'ignore' })
  await new Promise((resolve) => setTimeout(resolve, 500))
  try {
    const cores = availableParallelism()
    const cost = await measure({
      workers: cores,
      seconds: 0,
      lines: 4_000,
      window: 64,
      bytes: 2_000,
    })
    console.log(`lines that take no time, ${cores} workers: ${cost.perSecond.toFixed(0)} lines/s`)
    console.log(
      `processor time of a line: front ${cost.frontMs.toFixed(2)} ms, worker ${cost.workerMs.toFixed(2)} ms`,
    )
    const large = await measure({
      workers: cores,
      seconds: 0,
      lines: 1_000,
      window: 64,
      bytes: Number(options.payload),
    })
    console.log(
      `with ${options.payload} bytes each: ${large.perSecond.toFixed(0)} lines/s, front ${large.frontMs.toFixed(2)} ms, worker ${large.workerMs.toFixed(2)} ms`,
    )
    const seconds = Number(options['seconds-each'])
    let one
    for (const workers of options.workers.split(',').map(Number)) {
      const lines = Number(options.lines) * workers
      const window = 4 * PLACES * workers
      const { perSecond } = await measure({ workers, seconds, lines, window, bytes: 2_000 })
      one ??= perSecond / workers
      const share = (perSecond / (workers * one)) * 100
      console.log(
        `${workers} workers of ${seconds} s a line: ${perSecond.toFixed(0)} lines/s, ${share.toFixed(0)} % of linear`,
      )
    }
  } finally {
    redis.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure({ workers, seconds, lines, window, bytes }) {
  const children = await Promise.all(Array.from({ length: workers }, () => startWorker(seconds)))
  const front = await (await open()).openFront(never)
  const run = async (line) => {
    // Different bytes each, as pictures are.
    const payload = String(line).padEnd(bytes, String(line))
    const { settle } = await front.run(
      LANE,
      { id: `${process.hrtime.bigint()}.${line}`, payload },
      never,
    )
    await settle()
  }
  await run(0)
  const processor = process.cpuUsage()
  const start = performance.now()
  let next = 0
  await Promise.all(
    Array.from({ length: window }, async () => {
      while (next < lines) await run(++next)
    }),
  )
  const perSecond = lines / ((performance.now() - start) / 1_000)
  const frontMs = milliseconds(process.cpuUsage(processor)) / lines
  const ends = await Promise.all(children.map((child) => endWorker(child)))
  await front.close()
  const workerMs = ends.reduce((sum, used) => sum + milliseconds(used), 0) / lines
  return { perSecond, frontMs, workerMs }
}

async function startWorker(seconds) {
  const args = ['--as-worker', String(seconds), '--port', options.port]
  const child = fork(fileURLToPath(import.meta.url), args)
  await once(child, 'message')
  return child
}

/** Its start is in its figure, which many lines make small. */
async function endWorker(child) {
  const ended = once(child, 'exit')
  const answered = once(child, 'message')
  child.send('end')
  const [used] = await answered
  await ended
  return used
}

function milliseconds({ user, system }) {
  return (user + system) / 1_000
}
