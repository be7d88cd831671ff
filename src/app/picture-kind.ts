// What the decoder makes of a file's first bytes, for those who look for pictures without decoding them.
import { isPictureFormat, sniffFormat } from '../runtime/image/decode/sniff.ts'

export interface PictureKind {
  /** Such as `jpeg`; undefined when the bytes match nothing that is known. */
  readonly format: string | undefined
  /** Whether the decoder reads it. */
  readonly readable: boolean
}

/** @param start the first 1024 bytes of a file, or all of it. */
export function recognisePicture(start: Uint8Array): PictureKind {
  const format = sniffFormat(start)
  return { format, readable: isPictureFormat(format) }
}
