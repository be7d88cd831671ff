// Drawings by a FloCap elsewhere.
import type { Draw } from '../caption/draw-findings.ts'
import { askServer, type RemoteOptions } from './ask-server.ts'

/** @returns fails as `askServer` says. */
export function createRemoteDraw(options: RemoteOptions): Draw {
  return async (format, picture, { data, size }, signal) => {
    const body = JSON.stringify({
      image: Buffer.from(picture).toString('base64'),
      width: size.width,
      height: size.height,
      answers: data.map((each) => ({ data: each })),
      format,
    })
    return askServer(options, 'draw', body, signal, readBytes)
  }
}

async function readBytes(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer())
}
