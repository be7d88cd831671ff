// What a process holds, as the kernel counts it. Linux only.
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessFigures {
  readonly residentKb: number
  /** Files, sockets and pipes. */
  readonly descriptors: number
  /** Time that its threads have computed, in the kernel's ticks of 10 ms. */
  readonly cpuTicks: number
}

/** Of the fields behind the name in /proc/PID/stat, those that count user and system time. */
const CPU_FIELDS = [11, 12]

export function figuresOf(pid: number): ProcessFigures {
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return {
    cpuTicks: CPU_FIELDS.reduce((sum, field) => sum + Number(fields[field]), 0),
    residentKb: Number(resident),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  }
}
