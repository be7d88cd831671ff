// Gives a WebAssembly module a smaller maximum of memory than it was built with.
//
// A codec that reads hostile files may ask for gigabytes. Node's `resourceLimits` do not count the
// memory of WebAssembly; the maximum that a module declares binds every engine that runs it.

const PREAMBLE_BYTES = 8
const MEMORY_SECTION = 5
const PAGE_BYTES = 65_536

/**
 * The same module, whose first memory cannot grow beyond `maxBytes`.
 *
 * @throws Error when it has no memory of its own; the caller's own file is wrong then.
 */
export function limitWasmMemory(module: Uint8Array, maxBytes: number): Uint8Array<ArrayBuffer> {
  let at = PREAMBLE_BYTES
  while (at < module.length) {
    const id = module[at]
    const size = readUnsigned(module, at + 1)
    const end = size.end + size.value
    if (id === MEMORY_SECTION) {
      const count = readUnsigned(module, size.end)
      const minimum = readUnsigned(module, count.end + 1)
      const pages = Math.floor(maxBytes / PAGE_BYTES)
      if (count.value !== 1 || minimum.value > pages) break
      const content = [1, 1, ...writeUnsigned(minimum.value), ...writeUnsigned(pages)]
      const section = [MEMORY_SECTION, ...writeUnsigned(content.length), ...content]
      return new Uint8Array(
        Buffer.concat([module.subarray(0, at), Uint8Array.from(section), module.subarray(end)]),
      )
    }
    at = end
  }
  throw new Error('the WebAssembly module has no memory that can be limited')
}

/** An unsigned LEB128 number. */
function readUnsigned(bytes: Uint8Array, from: number): { value: number; end: number } {
  let value = 0
  let at = from
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at] ?? 0
    at += 1
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return { value, end: at }
  }
}

function writeUnsigned(value: number): number[] {
  const low = value & 0x7f
  return value < 0x80 ? [low] : [low | 0x80, ...writeUnsigned(value >>> 7)]
}
