// A worker of the queue in a process of its own, on the built program, with a stand-in for the engine:
//
//   node queue-worker.mjs URL LANE
//
// It answers a payload with its own process id. `{"kills": true}` ends the process, as a picture might that
// no engine survives; `{"ms": 500}` takes so long. It says 'ready' and 'begun', and on
// a message its counts.
import { loadQueue } from '../../dist/queue/open-queue.js'
import { parseQueueUrl } from '../../dist/queue/queue-url.js'

const [, , url, lane] = process.argv
const queue = await loadQueue(parseQueueUrl(url), { onTrouble: () => undefined })
const options = {
  lane: JSON.parse(lane),
  device: 'cpu',
  places: 1,
  times: { hold: 1_000, stalled: 300 },
  async work(payload) {
    const { kills, ms = 0 } = JSON.parse(payload)
    process.send('begun')
    if (kills) process.kill(process.pid, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, ms))
    return String(process.pid)
  },
}
const worker = await queue.startWorker(options, new AbortController().signal)
process.on('message', () => process.send(worker.counts))
process.on('SIGTERM', () => {
  void worker.close().then(() => process.exit(0))
})
process.send('ready')
