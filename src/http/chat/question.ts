// From a chat to the question that is put to the captioner.
import { FlocapError } from '../../base/errors.ts'
import type { GenerationOptions } from '../../caption/ports.ts'
import type { Message } from './conversation.ts'
import { chooseContent } from './conversation.ts'
import type { Question } from './describe.ts'
import type { ReadImage } from '../body/read-image.ts'
import type { SurfaceServices } from '../surface.ts'
import { chooseTask } from './task-choice.ts'

/** What a chat without a picture is answered: health checks and title requests need a 200. */
export const TEXT_ONLY_ANSWER =
  'FloCap describes pictures. Send a message with an image to get its description.'

export interface Chat {
  readonly messages: readonly Message[]
  readonly model?: string | null | undefined
  readonly generation: Partial<GenerationOptions>
}

/**
 * @returns undefined for a chat without a picture that is to be answered with TEXT_ONLY_ANSWER.
 * @throws FlocapError for a picture or task that cannot be used.
 */
export async function toQuestion(
  chat: Chat,
  { settings, captioner }: SurfaceServices,
  readImage: ReadImage,
): Promise<Question | undefined> {
  const { images, texts, systemTexts } = chooseContent(chat.messages)
  if (images.length === 0) {
    if (settings.textOnly === 'sentence') return undefined
    throw new FlocapError('missing_image', 'The chat has no image.', {
      hint: 'Add an image to the last message.',
    })
  }
  assertImageCount(images.length, settings.maxImages)
  const choice = chooseTask(
    { model: chat.model ?? undefined, texts, systemTexts },
    captioner.model.id,
    settings.defaultTask,
  )
  const pictures: Question['pictures'][number][] = []
  // One after the other: a request may hold one fetch at a time.
  for (const { source, field, label } of images) {
    const bytes = await readImage(source, field)
    pictures.push(label === undefined ? { bytes } : { bytes, label })
  }
  return { pictures, choice, generation: chat.generation }
}

/** @throws FlocapError invalid_request. */
export function assertImageCount(count: number, limit: number): void {
  if (count <= limit) return
  throw new FlocapError(
    'invalid_request',
    `One request may have ${limit} images, but ${count} came.`,
    { hint: 'Send them in several requests.' },
  )
}
