// How fast this machine reads memory: every core compares two large blocks at once, which is memcmp,
// vectorised and without a single write. Decoding a token is such a reading of all weights.
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

/** Well beyond any cache. */
const BLOCK_BYTES = 128 * 1024 * 1024
const TURNS = 40

/** GB/s of all cores together; the best turn, since a peak is what was possible. */
export async function measureReadSpeed() {
  const workers = Array.from(
    { length: availableParallelism() },
    () => new Worker(fileURLToPath(import.meta.url)),
  )
  const turn = () =>
    Promise.all(
      workers.map((worker) => {
        const answer = once(worker, 'message')
        worker.postMessage('read', [])
        return answer
      }),
    )
  await turn()
  let best = 0
  for (let i = 0; i < TURNS; i += 1) {
    const began = performance.now()
    await turn()
    const ms = performance.now() - began
    best = Math.max(best, (workers.length * 2 * BLOCK_BYTES) / ms / 1e6)
  }
  await Promise.all(workers.map((worker) => worker.terminate()))
  return best
}

if (!isMainThread) {
  const [left, right] = [Buffer.alloc(BLOCK_BYTES, 1), Buffer.alloc(BLOCK_BYTES, 1)]
  parentPort.on('message', () => parentPort.postMessage(left.equals(right), []))
}
