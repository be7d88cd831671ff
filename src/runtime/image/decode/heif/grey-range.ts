// Grey AVIF pictures of limited range, as video has it: black is 16 and white 235. libheif stretches
// colours to the whole range and leaves grey as it is, which looks washed out.
import { readHeifStructure } from './structure.ts'

const BLACK = 16
const WHITE = 235
/** In the third byte of `av1C` (AV1 in ISO base media, 2.3.3). */
const MONOCHROME = 0x10
/** In the last byte of a `colr` box of the kind `nclx`. */
const FULL_RANGE = 0x80
const NCLX_BYTES = 11

/** Whether the main picture is coded in grey and its file says that its range is limited. */
export function isLimitedGrey(bytes: Uint8Array): boolean {
  try {
    const { properties } = readHeifStructure(bytes)
    const codings = properties.filter(({ type }) => type === 'av1C')
    const isGrey = codings.some(({ start }) => ((bytes[start + 2] ?? 0) & MONOCHROME) !== 0)
    return (
      isGrey && properties.some((box) => saysLimited(bytes.subarray(box.start, box.end), box.type))
    )
  } catch {
    // Whether a damaged file can be read is for its decoder to say.
    return false
  }
}

function saysLimited(content: Uint8Array, type: string): boolean {
  if (type !== 'colr' || content.length < NCLX_BYTES) return false
  const isNclx = Buffer.from(content.subarray(0, 4)).toString('latin1') === 'nclx'
  return isNclx && ((content[NCLX_BYTES - 1] ?? 0) & FULL_RANGE) === 0
}

const STRETCHED = Uint8Array.from({ length: 256 }, (_, value) => {
  const share = Math.min(1, Math.max(0, (value - BLACK) / (WHITE - BLACK)))
  return Math.floor(share * 255 + 0.5)
})

/** Stretches samples to 0 to 255, in place, rounded as libavif rounds. */
export function stretchRange(samples: Uint8Array): Uint8Array {
  for (let i = 0; i < samples.length; i += 1) samples[i] = STRETCHED[samples[i] ?? 0] ?? 0
  return samples
}
