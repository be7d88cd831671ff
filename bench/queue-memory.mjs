// Memory of a server whose batch is answered over a queue, after 10, 50 and 100 thousand lines: it does not grow
// with them. Workers are stand-ins that answer at once. Needs the built program and redis-server.
//
//   node bench/queue-memory.mjs [--lines 100000]
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startRedis, startServer, stop, submit, untilDone } from './queue-parts.mjs'

const SHARES = [0.01, 0.1, 0.5, 0.999]
const MB = 1024 * 1024
/** In the server: collects garbage, and writes what is left. */
const MEASURE = `data:text/javascript,${encodeURIComponent(`
  import { writeFileSync } from 'node:fs'
  process.on('SIGUSR2', () => {
    globalThis.gc()
    writeFileSync(process.env.MEMORY_FILE, JSON.stringify(process.memoryUsage()))
  })
`)}`

const { values: options } = parseArgs({
  options: {
    lines: { type: 'string', default: '100000' },
    'as-worker': { type: 'string' },
  },
})
if (options['as-worker'] === undefined) await main()
else await beWorker(options['as-worker'])

async function beWorker(url) {
  const { loadQueue } = await import('../dist/queue/open-queue.js')
  const { parseQueueUrl } = await import('../dist/queue/queue-url.js')
  const { readWired, renderResult } = await import('../dist/batches/line-wire.js')
  const { renderAnswer } = await import('../dist/batches/render-line.js')
  const work = async (payload) => {
    const { job, bytes } = readWired(payload)
    const { custom_id } = JSON.parse(Buffer.from(bytes).toString('utf8'))
    const message = { role: 'assistant', content: 'A dog on a sofa. '.repeat(20) }
    const body = { choices: [{ message }], usage: { prompt_tokens: 1, completion_tokens: 100 } }
    return renderResult(renderAnswer(job, custom_id, { status: 200, requestId: 'req_1', body }))
  }
  const lane = { model: 'stand-in', fingerprint: 'f'.repeat(64), kernels: 'cpu-bench' }
  const queue = await loadQueue(parseQueueUrl(url), { onTrouble: console.error })
  await queue.startWorker({ lane, device: 'cpu', places: 16, work }, new AbortController().signal)
  process.on('disconnect', () => process.exit())
  process.send('ready')
}

async function main() {
  const lines = Number(options.lines)
  const folder = mkdtempSync(join(tmpdir(), 'flocap-bench-'))
  const redis = await startRedis(folder)
  const worker = fork(fileURLToPath(import.meta.url), ['--as-worker', redis.url])
  await once(worker, 'message')
  const file = join(folder, 'memory.json')
  const environment = { FLOCAP_HOME: folder, MEMORY_FILE: file }
  const server = await startServer(['--queue', redis.url], environment, [
    '--expose-gc',
    '--import',
    MEASURE,
  ])
  try {
    const id = await submit(server.url, lines)
    const start = performance.now()
    for (const share of SHARES) {
      const wanted = Math.floor(lines * share)
      await untilDone(server.url, id, wanted)
      const { rss, heapUsed, external } = await measure(server.child, file)
      const seconds = (performance.now() - start) / 1_000
      console.log(
        `${wanted} lines, ${(wanted / seconds).toFixed(0)} a second: resident ${(rss / MB).toFixed(0)} MB, heap ${(heapUsed / MB).toFixed(1)} MB, outside of it ${(external / MB).toFixed(1)} MB`,
      )
    }
  } finally {
    await stop(server.child)
    worker.kill()
    redis.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(child, file) {
  rmSync(file, { force: true })
  child.kill('SIGUSR2')
  while (!existsSync(file)) await sleep(20)
  await sleep(50)
  return JSON.parse(readFileSync(file, 'utf8'))
}
