// The name of a compiled model that all machines agree on: two folders of the same fingerprint were
// made from the same checkpoint, by the same compiler, in the same form.
import { createHash } from 'node:crypto'
import type { Manifest } from './manifest.ts'

export type FingerprintedFacts = Pick<
  Manifest,
  'compilerVersion' | 'lowering' | 'precision' | 'quantisation'
> & { readonly source: readonly { readonly name: string; readonly sha256: string }[] }

/** @returns SHA-256 in hex over what decides the graphs and their numbers, and over no date or path. */
export function fingerprintOf(facts: FingerprintedFacts): string {
  const { source, compilerVersion, lowering, precision, quantisation } = facts
  const parts = [
    source.map(({ name, sha256 }) => `${name} ${sha256}`).toSorted(),
    compilerVersion,
    lowering,
    precision,
    // Which layers keep float32 is measured, and may differ where kernels do.
    quantisation?.float32Layers ?? [],
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
