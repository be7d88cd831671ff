// Which of ONNX Runtime's kernels compute on this machine.
//
// They agree in float32 up to rounding, but the 8-bit ones accumulate in different widths, so that
// two processors may now and then choose another word. Answers are shared only within a class.
import { cpus } from 'node:os'
import type { Device } from '../base/devices.ts'
import { readProcessorFlags } from '../base/processor.ts'

/** The processor's flags as Linux names them, by the best kernels that MLAS has for them. */
const CLASSES: readonly (readonly [flag: RegExp, name: string])[] = [
  [/\bamx_int8\b/, 'amx'],
  [/\bavx512_vnni\b/, 'avx512-vnni'],
  [/\bavx_vnni\b/, 'avx-vnni'],
  [/\bavx512bw\b/, 'avx512'],
  [/\bavx2\b/, 'avx2'],
  [/\bi8mm\b/, 'arm-i8mm'],
  [/\basimddp\b/, 'arm-dot'],
  [/\basimd\b/, 'arm'],
]

export interface Processor {
  /** As of `readProcessorFlags`. */
  readonly flags: string | undefined
  /** As the processor calls itself. */
  readonly model: string
  /** As of `process.arch`. */
  readonly architecture: string
}

/**
 * @returns the device's name, and for the CPU the class of its kernels: `cpu-avx2`. Where the system
 *   does not say what the processor can do, its own name stands for the class: machines with another
 *   one are then told apart though they need not be.
 */
export function kernelClassOf(device: Device, processor: Processor = readProcessor()): string {
  if (device !== 'cpu') return device
  const { flags, model, architecture } = processor
  if (flags === undefined) return `cpu-${architecture}-${model.replaceAll(/\W+/g, '-')}`
  const known = CLASSES.find(([flag]) => flag.test(flags))
  return `cpu-${known?.[1] ?? architecture}`
}

function readProcessor(): Processor {
  return {
    flags: readProcessorFlags(),
    model: cpus()[0]?.model.trim() ?? 'unknown',
    architecture: process.arch,
  }
}
