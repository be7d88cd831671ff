// The machine: versions, processor, memory.
import { readFileSync } from 'node:fs'
import { arch, cpus, freemem, release, totalmem, type } from 'node:os'
import { readProcessorFlags } from '../../base/processor.ts'
import { PACKAGE_VERSION } from '../../base/version.ts'
import { formatBytes } from '../../base/format-bytes.ts'
import { availableCores } from '../available-cores.ts'
import type { Finding } from './finding.ts'

/** Instructions that 8-bit captioning gains from, as Linux names them, with their usual names. */
const INSTRUCTIONS: readonly (readonly [flag: RegExp, name: string])[] = [
  [/\bavx2\b/, 'AVX2'],
  [/\bavx512f\b/, 'AVX-512'],
  [/\bavx512_vnni\b/, 'AVX-512 VNNI'],
  [/\bavx_vnni\b/, 'AVX-VNNI'],
  [/\basimddp\b/, 'dot product'],
  [/\bi8mm\b/, 'I8MM'],
]

/**
 * The large model while it is compiled: 1.07 GB for base (bench/compile-memory.mjs) times the 3.4 that
 * large has of everything, and the server. Captioning takes less.
 */
const COMFORTABLE_MEMORY_BYTES = 3_800_000_000

export interface MachineFacts {
  readonly system: string
  readonly processor: string
  readonly node: string
  /** Cores that this process may use. */
  readonly cores: number
  /** What the user has set; 0 for as many as there are cores. */
  readonly threads: number
  readonly totalMemory: number
  readonly freeMemory: number
  /** The flags of /proc/cpuinfo; undefined where there is no such file. */
  readonly processorFlags: string | undefined
  readonly architecture: string
}

export function readMachineFacts(threads: number): MachineFacts {
  return {
    system: `${type()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown processor',
    node: process.versions.node,
    cores: availableCores(),
    threads,
    totalMemory: totalmem(),
    freeMemory: readAvailableMemory() ?? freemem(),
    processorFlags: readProcessorFlags(),
    architecture: arch(),
  }
}

export function inspectMachine(facts: MachineFacts): readonly Finding[] {
  return [
    { name: 'FloCap', status: 'ok', detail: `${PACKAGE_VERSION} on Node ${facts.node}` },
    { name: 'machine', status: 'ok', detail: `${facts.system}, ${facts.processor}` },
    inspectThreads(facts),
    inspectInstructions(facts),
    inspectMemory(facts),
  ]
}

function inspectThreads({ cores, threads }: MachineFacts): Finding {
  const used = threads === 0 ? cores : threads
  const detail = `${cores} usable, ${used} threads`
  if (used <= cores) return { name: 'cores', status: 'ok', detail }
  return {
    name: 'cores',
    status: 'warning',
    detail: `${detail}: threads that share a core wait for each other`,
    cure: 'Leave --threads away, or set it to the number of cores.',
  }
}

function inspectInstructions({ processorFlags, architecture }: MachineFacts): Finding {
  const name = 'instructions'
  if (processorFlags === undefined) {
    return { name, status: 'ok', detail: 'this system does not tell' }
  }
  const found = INSTRUCTIONS.filter(([flag]) => flag.test(processorFlags)).map(([, each]) => each)
  if (architecture === 'x64' && !found.includes('AVX2')) {
    return {
      name,
      status: 'warning',
      detail: 'no AVX2: captions take several times as long',
      cure: 'In a virtual machine, let it have the processor of its host (type "host").',
    }
  }
  return { name, status: 'ok', detail: found.join(', ') || 'none that matter' }
}

function inspectMemory({ totalMemory, freeMemory }: MachineFacts): Finding {
  const detail = `${formatBytes(freeMemory)} of ${formatBytes(totalMemory)} available`
  if (freeMemory >= COMFORTABLE_MEMORY_BYTES) return { name: 'memory', status: 'ok', detail }
  return {
    name: 'memory',
    status: 'warning',
    detail: `${detail}: may be too little for the large model`,
    cure: 'Close other programs, or use the base model.',
  }
}

/** Linux counts memory that caches give back as not free; this counts it as available. */
function readAvailableMemory(): number | undefined {
  const kibibytes = /^MemAvailable:\s*(\d+) kB$/m.exec(readText('/proc/meminfo') ?? '')?.[1]
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
