// What the processor can do, where the system says it.
import { readFileSync } from 'node:fs'

/** The flags of Linux' /proc/cpuinfo, each after a space; undefined on other systems. */
export function readProcessorFlags(): string | undefined {
  try {
    const text = readFileSync('/proc/cpuinfo', 'utf8')
    return /^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1]
  } catch {
    return undefined
  }
}
