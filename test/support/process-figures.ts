// What a process holds, as the kernel counts it. Linux only.
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessFigures {
  readonly residentKb: number
  /** Files, sockets and pipes. */
  readonly descriptors: number
}

export function figuresOf(pid: number): ProcessFigures {
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return {
    residentKb: Number(resident),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  }
}
