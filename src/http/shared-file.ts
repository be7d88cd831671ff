// A file as the body of any number of answers: read once, compressed once for each encoding, and sent
// from the same bytes at the pace of whoever reads.
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { createPacer } from '../base/pacer.ts'

export interface SharedFile {
  /** @param acceptEncoding the request's header; undefined for none. */
  respond(
    acceptEncoding: string | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<Response>
}

/** What is given to a socket at once: the size at which Node's sockets ask for a pause. */
const PIECE_BYTES = 64 * 1024

/** One megabyte in a turn of the event loop: a thousand readers at once keep nobody else waiting. */
const pace = createPacer(16)

/** Of 11: the last steps take seconds and save a hundredth. */
const BROTLI_QUALITY = 9

const ENCODERS = {
  br: async (bytes: Buffer) =>
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY },
    }),
  gzip: async (bytes: Buffer) => promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }),
} as const

type Encoding = keyof typeof ENCODERS | 'identity'

/** @param compresses false for what is compressed already. */
export function createSharedFile(
  path: string,
  { compresses }: { readonly compresses: boolean },
): SharedFile {
  const made = new Map<Encoding, Promise<Buffer>>()

  const encode = async (encoding: Encoding): Promise<Buffer> => {
    if (encoding === 'identity') return readFile(path)
    return ENCODERS[encoding](await bytesIn('identity'))
  }

  const bytesIn = async (encoding: Encoding): Promise<Buffer> => {
    const known = made.get(encoding)
    if (known !== undefined) return known
    const making = encode(encoding)
    made.set(encoding, making)
    // The next request tries again.
    making.catch(() => made.delete(encoding))
    return making
  }

  return {
    async respond(acceptEncoding, headers) {
      const encoding = compresses ? chooseEncoding(acceptEncoding ?? '') : 'identity'
      const bytes = await bytesIn(encoding)
      return new Response(streamOf(bytes), {
        headers: {
          ...headers,
          'content-length': String(bytes.byteLength),
          ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
        },
      })
    },
  }
}

/** The best of what the client takes (RFC 9110, section 12.5.3); a quality of 0 is a no. */
function chooseEncoding(accepted: string): Encoding {
  const taken = new Set(
    accepted
      .toLowerCase()
      .split(',')
      .map((each) => each.split(';').map((part) => part.trim()))
      .filter(([, quality = '']) => !/^q=0(?:\.0*)?$/.test(quality))
      .map(([name]) => name),
  )
  if (taken.has('br')) return 'br'
  return taken.has('gzip') || taken.has('*') ? 'gzip' : 'identity'
}

/** A body made of a buffer would be a copy of it. Nothing is handed on before it is asked for. */
function streamOf(bytes: Buffer): ReadableStream<Uint8Array> {
  let sent = 0
  return new ReadableStream(
    {
      async pull(controller) {
        await pace()
        controller.enqueue(bytes.subarray(sent, sent + PIECE_BYTES))
        sent += PIECE_BYTES
        if (sent >= bytes.byteLength) controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}
