// Takes the alpha channel out of interleaved samples.

type Samples = Uint8Array | Uint16Array

/**
 * The colours are moved together in place, since a copy of a large picture is hundreds of megabytes.
 *
 * @param samples [pixels, channels] or [pixels, channels + 1], alpha last; overwritten
 * @returns colours [pixels, channels], and alpha [pixels] unless every pixel is opaque
 */
export function separateAlpha<S extends Samples>(
  samples: S,
  pixels: number,
  channels: number,
): { colours: S; alpha: Uint8Array | undefined } {
  if (samples.length !== pixels * (channels + 1)) return { colours: samples, alpha: undefined }
  const alpha = new Uint8Array(pixels)
  const shift = samples.BYTES_PER_ELEMENT === 2 ? 8 : 0
  let isOpaque = true
  for (let i = 0, from = 0, to = 0; i < pixels; i += 1) {
    for (let channel = 0; channel < channels; channel += 1) samples[to++] = samples[from++] ?? 0
    const opacity = (samples[from++] ?? 0) >> shift
    alpha[i] = opacity
    if (opacity !== 255) isOpaque = false
  }
  return { colours: shorten(samples, pixels * channels), alpha: isOpaque ? undefined : alpha }
}

function shorten<S extends Samples>(samples: S, length: number): S
function shorten(samples: Samples, length: number): Samples {
  return samples.subarray(0, length)
}
