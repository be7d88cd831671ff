// From a chat to the question that is put to the captioner.
import { FlocapError } from '../../base/errors.ts'
import type { GenerationOptions } from '../../caption/ports.ts'
import type { Message } from './conversation.ts'
import { chooseContent } from './conversation.ts'
import type { Question } from './describe.ts'
import type { Frame, Frames } from './frames.ts'
import { chooseFrames, joinEqual } from './frames.ts'
import type { HttpContext, SurfaceServices } from '../surface.ts'
import { withBeginning } from './beginning.ts'
import type { TextSource } from '../../structured/answer/text-source.ts'
import { answerTextOnly, textOfChat } from './text-only.ts'
import { ownTokens } from './own-tokens.ts'
import { chooseTask, suffixOf } from './task-choice.ts'

/** A chat without a picture, and what it is answered. */
export interface TextOnly {
  readonly answer: string
  /** What an answer that has to fit a schema is made of; undefined where the chat contains no text. */
  readonly source: TextSource | undefined
}

export interface Chat {
  readonly messages: readonly Message[]
  readonly model?: string | null | undefined
  readonly generation: Partial<GenerationOptions>
  /** FloCap's own field: what to do with more pictures than the limit. */
  readonly frames?: Frames
  /** A last message of the assistant is the beginning of the answer, of which the rest is wanted. */
  readonly continues?: boolean
}

/**
 * Also sets the headers that say which task runs, of how many pictures some were chosen, and
 * how many were passed over as memory.
 *
 * @returns the answer itself for a chat without a picture.
 * @throws FlocapError for a picture or task that cannot be used.
 */
export async function toQuestion(
  chat: Chat,
  services: SurfaceServices,
  context: HttpContext,
): Promise<Question | TextOnly> {
  const { settings, captioner } = services
  const headers = context.get('answerHeaders')
  const { images, memory, texts, systemTexts } = chooseContent(chat.messages)
  if (images.length === 0) {
    if (settings.textOnly === 'sentence') {
      headers.set('x-flocap-task', 'none')
      return { answer: answerTextOnly(chat.messages), source: textOfChat(chat.messages) }
    }
    throw new FlocapError('missing_image', 'The chat has no image.', {
      hint: 'Add an image to the last message.',
    })
  }
  const chosen = chooseFrames(images, settings.maxImages, chat.frames)
  const model = chat.model ?? undefined
  const named = {
    names: [suffixOf(model, captioner.model.id)],
    texts: [...texts, ...systemTexts],
  }
  const taskTokens = await ownTokens(named, services, context)
  const { asTags = false, ...choice } = chooseTask(
    { model, texts, systemTexts, taskTokens },
    captioner.model.id,
    settings,
  )
  const frames: Frame[] = []
  // One after the other: a request may hold one fetch at a time.
  for (const { item, number } of chosen) {
    const bytes = await context.get('readImage')(item.source, item.field)
    frames.push({ bytes, number, label: item.label })
  }
  headers.set('x-flocap-task', choice.task)
  if (chosen.length < images.length) {
    headers.set('x-flocap-frames', `${chosen.length} of ${images.length}`)
  }
  if (memory.length > 0) headers.set('x-flocap-memory', String(memory.length))
  const pictures = joinEqual(frames)
  const question = { pictures, frames, choice, asTags, generation: chat.generation, memory }
  return chat.continues === true ? withBeginning(question, chat.messages) : question
}
