// The decoder graph of a compiled model as a StepDecoder.
import type { Manifest } from '../../compiled/manifest.ts'
import type { Session, Tensors } from '../session.ts'
import { createAppendingDecoder } from './appending-decoder.ts'
import type { StepDecoder } from './decoder.ts'
import { createSharedCacheDecoder } from './shared-cache-decoder.ts'

/** A decoder at the start of an answer. @param cross the prefill graph's cross-attention cache. */
export function createGraphDecoder(
  session: Session,
  manifest: Manifest,
  cross: Tensors,
): StepDecoder {
  return manifest.decoderCache === 'shared'
    ? createSharedCacheDecoder(session, manifest, cross)
    : createAppendingDecoder(session, manifest, cross)
}
