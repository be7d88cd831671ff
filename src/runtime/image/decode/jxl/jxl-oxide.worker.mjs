// Decodes the first frame of one JPEG XL picture with jxl-oxide, in a thread that ends afterwards.
// JavaScript, so that Node runs the same file from the sources and from the built program.
import { initSync, JxlImage } from 'jxl-oxide-wasm'
import { parentPort, workerData } from 'node:worker_threads'

/** It gave up within this much of its maximum: for want of memory, then. */
const MEMORY_SLACK_BYTES = 2 ** 26

/** @type {import('../wasm/run-codec.ts').CodecTask} */
const { module, bytes, maxMemoryBytes } = workerData

const { memory } = initSync({ module })

function decode() {
  const image = new JxlImage()
  image.forceSrgb = true
  image.feedBytes(bytes)
  if (!image.tryInit()) throw new Error('the header is incomplete')
  const png = image.render(0).encodeToPng()
  parentPort?.postMessage({ kind: 'decoded', result: png }, [png.buffer])
}

try {
  decode()
} catch (error) {
  const isMemory = memory.buffer.byteLength > maxMemoryBytes - MEMORY_SLACK_BYTES
  parentPort?.postMessage({ kind: 'failed', reason: String(error), isMemory })
}
