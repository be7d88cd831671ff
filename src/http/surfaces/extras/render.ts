// The one answer of the Extras API that carries a caption.
import type { ModelDescription } from '../../../caption/ports.ts'
import type { Description } from '../../chat/describe.ts'
import { renderExtension } from '../../chat/extension.ts'
import type { CaptionResponse } from './schema.ts'

/** SillyTavern pastes the text into a chat as it is. */
export function renderCaption(description: Description, model: ModelDescription): CaptionResponse {
  return { caption: description.texts[0], flocap: renderExtension(description, model) }
}
