// A LoRA adapter where a model is wanted, and the other way round: what it is, and where it belongs.
import type { ContentsKind } from '../weights/model-files.ts'
import { storeError } from './failures.ts'

/**
 * @param text the name or folder, as people write it
 * @throws FlocapError `invalid_model` that names the right option.
 */
export function assertKind(
  found: ContentsKind,
  wanted: ContentsKind | undefined,
  text: string,
): void {
  if (wanted === undefined || found === wanted) return
  if (found === 'adapter') {
    throw storeError('damaged', `Expected a whole model, got the LoRA adapter ${text}.`, {
      subject: text,
      hint: `Give it as an adapter: --adapter ${text}. --model names the model that it was trained on.`,
    })
  }
  throw storeError('damaged', `Expected a LoRA adapter, got the whole model ${text}.`, {
    subject: text,
    hint: `Give it as a model: --model ${text}.`,
  })
}
