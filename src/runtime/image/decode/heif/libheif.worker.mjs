// Decodes one HEIC picture with libheif, in a thread that ends afterwards. JavaScript, so that Node
// runs the same file from the sources and from the built program.
import libheif from 'libheif-js/libheif-wasm/libheif.js'
import { parentPort, workerData } from 'node:worker_threads'

/** libheif's `heif_error_Memory_allocation_error`: no memory, or more than its limits. */
const MEMORY_ERROR = 6
/** The limit that libheif sets itself, 32768 x 32768. */
const LIBHEIF_PIXELS = 2n ** 30n

/** @type {import('../wasm/run-codec.ts').CodecTask} */
const { module, bytes, maxPixels, keepAlpha } = workerData

/** @param {{ code: { value: number }, message: string }} error */
const refuse = ({ code, message }) =>
  parentPort?.postMessage({
    kind: 'failed',
    reason: message,
    isMemory: code.value === MEMORY_ERROR,
  })

const library = libheif({
  instantiateWasm(imports, use) {
    const instance = new WebAssembly.Instance(module, imports)
    use(instance, module)
    return instance.exports
  },
  print() {},
  printErr() {},
})

/**
 * Lowers libheif's own limit of pixels, which binds every part of the picture: what the header
 * announces has been checked, but need not be true. The 64 bits at byte 8 of its `heif_security_limits`.
 */
function limitPixels() {
  const at = library.heif_get_global_security_limits() + 8
  const view = new DataView(library.HEAPU8.buffer)
  if (view.getBigUint64(at, true) !== LIBHEIF_PIXELS)
    throw new Error('libheif has other limits now')
  view.setBigUint64(at, BigInt(maxPixels), true)
}

function decode() {
  limitPixels()
  const context = library.heif_context_alloc()
  const read = library.heif_context_read_from_memory(context, bytes)
  if (read.code.value !== 0) return refuse(read)
  const handle = library.heif_js_context_get_primary_image_handle(context)
  if (handle.code) return refuse(handle)
  const { heif_colorspace_RGB } = library.heif_colorspace
  const { heif_chroma_interleaved_RGB, heif_chroma_interleaved_RGBA } = library.heif_chroma
  const hasAlpha = keepAlpha && library.heif_image_handle_has_alpha_channel(handle) !== 0
  const image = library.heif_js_decode_image2(
    handle,
    heif_colorspace_RGB,
    hasAlpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB,
  )
  if (image.code) return refuse(image)
  const [{ width, height, stride, data }] = image.channels
  const rowBytes = width * (hasAlpha ? 4 : 3)
  // The channel is a view of libheif's memory, its rows padded.
  const pixels = new Uint8Array(rowBytes * height)
  for (let y = 0; y < height; y += 1) {
    pixels.set(data.subarray(y * stride, y * stride + rowBytes), y * rowBytes)
  }
  const result = { width, height, data: pixels }
  parentPort?.postMessage({ kind: 'decoded', result }, [pixels.buffer])
}

decode()
