// What a precision means: the number format of every linear layer.
//
//   fp32  float32 throughout: the reference's own arithmetic
//   fp16  float16 throughout, in plain graphs: for devices that are faster with it
//   auto  8 bits where that is measured to keep the answers
//   fast  8 bits for pictures and prompts, 4 bits for the decoder
import type { Device } from '../base/devices.ts'
import type { LinearFormat } from './florence2/fused/linear-plan.ts'
import type { Lowering } from './florence2/graphs.ts'

export type Precision = 'fp32' | 'fp16' | 'auto' | 'fast'

/** Fused graphs are made of kernels that only the CPU has, and those know no float16. */
export type FusedPrecision = Exclude<Precision, 'fp16'>

/** How to compile for a device. */
export interface CompiledForm {
  readonly precision: Precision
  readonly lowering: Lowering['kind']
}

/** @param wanted what the user has set; without 8-bit kernels `fast` is float16, the rest float32. */
export function formFor(device: Device, wanted: FusedPrecision): CompiledForm {
  if (device === 'cpu') return { precision: wanted, lowering: 'fused' }
  return { precision: wanted === 'fast' ? 'fp16' : 'fp32', lowering: 'plain' }
}

/** The name of a form's folder. Those of plain graphs are the same for all devices. */
export function nameForm({ precision, lowering }: CompiledForm): string {
  return lowering === 'plain' ? `plain-${precision}` : precision
}

interface Formats {
  /** Vision tower, text encoder, cross-attention cache: hundreds of rows at once. */
  readonly prefill: LinearFormat
  /** Decoder layers: a row for each beam. */
  readonly decoder: LinearFormat
  /** The output projection; anything but f32 gets its best candidates' logits exactly. */
  readonly head: LinearFormat
}

const FORMATS: Record<FusedPrecision, Formats> = {
  fp32: { prefill: 'f32', decoder: 'f32', head: 'f32' },
  auto: { prefill: 'int8', decoder: 'block8', head: 'block4' },
  fast: { prefill: 'int8', decoder: 'block4', head: 'block4' },
}

const DECODER_LAYERS = 'language_model.decoder.layers.'
const HEAD = 'lm_head'

/** @param exceptions formats of single layers by path, before everything else. */
export function formatsOf(
  precision: FusedPrecision,
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
