import { describe, expect, it } from 'vitest'
import type { Finding } from './finding.ts'
import { inspectMachine, type MachineFacts, readMachineFacts } from './machine.ts'

const MACHINE: MachineFacts = {
  system: 'Linux 6 x64',
  processor: 'Some CPU',
  node: '22.21.0',
  cores: 4,
  threads: 0,
  totalMemory: 16e9,
  freeMemory: 12e9,
  processorFlags: ' fpu sse2 avx avx2 avx512f avx512_vnni',
  architecture: 'x64',
}

function find(name: string, more: Partial<MachineFacts>): Finding | undefined {
  return inspectMachine({ ...MACHINE, ...more }).find((finding) => finding.name === name)
}

describe('inspectMachine', () => {
  it('finds nothing to do on a good machine', () => {
    expect(inspectMachine(MACHINE).map(({ status }) => status)).toEqual(Array(5).fill('ok'))
  })

  it('names the instructions that 8-bit arithmetic gains from', () => {
    expect(find('instructions', {})?.detail).toBe('AVX2, AVX-512, AVX-512 VNNI')
    const arm = { architecture: 'arm64', processorFlags: ' fp asimd asimddp i8mm' }
    expect(find('instructions', arm)).toMatchObject({ status: 'ok', detail: 'dot product, I8MM' })
    expect(find('instructions', { processorFlags: undefined })?.status).toBe('ok')
  })

  it('warns of a processor without AVX2, and does not take a longer name for it', () => {
    const finding = find('instructions', { processorFlags: ' sse2 avx xavx2x' })
    expect(finding).toMatchObject({ status: 'warning' })
    expect(finding?.cure).toContain('virtual machine')
  })

  it('warns of more threads than cores', () => {
    expect(find('cores', { threads: 4 })?.status).toBe('ok')
    expect(find('cores', { threads: 8 })).toMatchObject({ status: 'warning' })
    expect(find('cores', { threads: 8 })?.cure).toContain('--threads')
  })

  it('warns of little memory', () => {
    expect(find('memory', { freeMemory: 1e9 })).toMatchObject({
      status: 'warning',
      detail: '1.00 GB of 16.0 GB available: may be too little for the large model',
    })
  })

  it('reads this machine', () => {
    const facts = readMachineFacts(0)
    expect(facts.cores).toBeGreaterThan(0)
    expect(facts.freeMemory).toBeLessThanOrEqual(facts.totalMemory)
    expect(facts.node).toBe(process.versions.node)
  })
})
