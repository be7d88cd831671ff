// From bytes to the numbers that the model reads.

/** What `preprocessor_config.json` says about values; one number a channel: red, green, blue. */
export interface Normalisation {
  readonly rescaleFactor: number
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

const BYTE_VALUES = 256

/**
 * Rescales and normalises with the reference's roundings: byte times factor in float64 rounded to
 * float32, then mean and standard deviation in float32. A byte has 256 values, so a table of 256
 * results a channel gives the same bits as computing each pixel.
 *
 * @param rgb [pixels, 3] bytes
 * @returns [3, pixels]: the planes of a [1, 3, height, width] tensor
 */
export function toPixelValues(rgb: Uint8Array, normalisation: Normalisation): Float32Array {
  const pixels = rgb.length / 3
  const values = new Float32Array(rgb.length)
  for (let channel = 0; channel < 3; channel += 1) {
    const table = createTable(normalisation, channel)
    const plane = values.subarray(channel * pixels, (channel + 1) * pixels)
    for (let i = 0, from = channel; i < pixels; i += 1, from += 3) {
      plane[i] = table[rgb[from] ?? 0] ?? 0
    }
  }
  return values
}

function createTable({ rescaleFactor, mean, std }: Normalisation, channel: number): Float32Array {
  const channelMean = Math.fround(mean[channel] ?? 0)
  const channelStd = Math.fround(std[channel] ?? 1)
  return Float32Array.from({ length: BYTE_VALUES }, (_, byte) => {
    const rescaled = Math.fround(byte * rescaleFactor)
    return Math.fround(rescaled - channelMean) / channelStd
  })
}
