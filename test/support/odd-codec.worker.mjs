// A codec that does what the first byte of its picture says; for tests of the thread around it.
import { parentPort, workerData } from 'node:worker_threads'

/** @type {Record<string, () => void>} */
const deeds = {
  d: () => parentPort?.postMessage({ kind: 'decoded', result: 'a picture' }),
  f: () => parentPort?.postMessage({ kind: 'failed', reason: 'its own words', isMemory: false }),
  m: () => parentPort?.postMessage({ kind: 'failed', reason: 'no room', isMemory: true }),
  h: () => {
    for (;;);
  },
  t: () => {
    throw new Error('unreachable executed')
  },
  x: () => process.exit(7),
  e: () => {
    const hoard = []
    for (;;) hoard.push(Array.from({ length: 1000 }, () => ({})))
  },
}

deeds[String.fromCharCode(workerData.bytes[0])]?.()
