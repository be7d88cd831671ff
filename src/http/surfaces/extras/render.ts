// The one answer of the Extras API that carries a caption.
import type { Description } from '../../describe.ts'
import type { CaptionResponse } from './schema.ts'

/** SillyTavern pastes the text into a chat as it is. */
export function renderCaption(description: Description): CaptionResponse {
  return { caption: description.texts[0] }
}
