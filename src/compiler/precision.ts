// What a precision means: the number format of every linear layer.
//
//   fp32  float32 throughout: the reference's own arithmetic
//   auto  8 bits where that is measured to keep the answers
//   fast  8 bits for pictures and prompts, 4 bits for the decoder
import type { LinearFormat } from './florence2/fused/linear-plan.ts'

export type Precision = 'fp32' | 'auto' | 'fast'

interface Formats {
  /** Vision tower, text encoder, cross-attention cache: hundreds of rows at once. */
  readonly prefill: LinearFormat
  /** Decoder layers: a row for each beam. */
  readonly decoder: LinearFormat
  /** The output projection; anything but f32 gets its best candidates' logits exactly. */
  readonly head: LinearFormat
}

const FORMATS: Record<Precision, Formats> = {
  fp32: { prefill: 'f32', decoder: 'f32', head: 'f32' },
  auto: { prefill: 'int8', decoder: 'block8', head: 'block4' },
  fast: { prefill: 'int8', decoder: 'block4', head: 'block4' },
}

const DECODER_LAYERS = 'language_model.decoder.layers.'
const HEAD = 'lm_head'

/** @param exceptions formats of single layers by path, before everything else. */
export function formatsOf(
  precision: Precision,
  exceptions: Readonly<Record<string, LinearFormat>> = {},
): (path: string) => LinearFormat {
  const formats = FORMATS[precision]
  return (path) => {
    const exception = exceptions[path]
    if (exception !== undefined) return exception
    if (path === HEAD) return formats.head
    return path.startsWith(DECODER_LAYERS) ? formats.decoder : formats.prefill
  }
}
