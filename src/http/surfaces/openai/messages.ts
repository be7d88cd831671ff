// OpenAI chat messages to FloCap's: pictures are found wherever clients put them.
import { FlocapError } from '../../../base/errors.ts'
import type { Message, Part } from '../../chat/conversation.ts'
import type { ChatMessage, ContentPart } from './schema.ts'

export function toMessages(messages: readonly ChatMessage[]): Message[] {
  return messages.map((message, index) => {
    const field = `messages[${index}]`
    return {
      role: message.role ?? 'user',
      parts: [
        ...contentParts(message.content, `${field}.content`),
        ...imageParts(message.image_url, `${field}.image_url`),
      ],
    }
  })
}

function contentParts(content: ChatMessage['content'], field: string): Part[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content }]
  return (content ?? []).flatMap((part, index) => {
    if (typeof part === 'string') return [{ kind: 'text' as const, text: part }]
    return toParts(part, `${field}[${index}]`)
  })
}

/** Audio, video and other parts that FloCap cannot use are left out. */
function toParts(part: ContentPart, field: string): Part[] {
  if (part.type === 'image_url' || part.type === 'input_image') {
    if (part.image_url === null || part.image_url === undefined) {
      throw new FlocapError('invalid_request', `'${field}' is an image without an image_url.`, {
        hint: 'Put the picture there as a data URL.',
        subject: `${field}.image_url`,
      })
    }
  }
  return [
    ...(typeof part.text === 'string' ? [{ kind: 'text' as const, text: part.text }] : []),
    ...imageParts(part.image_url, `${field}.image_url`),
    ...fileParts(part, `${field}.file`),
  ]
}

function imageParts(image: ContentPart['image_url'], field: string): Part[] {
  if (image === null || image === undefined) return []
  if (typeof image === 'string') return [{ kind: 'image', source: image, field }]
  return [{ kind: 'image', source: image.url, field: `${field}.url` }]
}

function fileParts(part: ContentPart, field: string): Part[] {
  const { file } = part
  if (file === null || file === undefined) return []
  if (typeof file.file_data === 'string') {
    return [{ kind: 'image', source: file.file_data, field: `${field}.file_data` }]
  }
  throw new FlocapError('invalid_request', `'${field}' refers to a file; FloCap stores no files.`, {
    hint: 'Send the picture itself as a data URL in image_url.',
    subject: field,
  })
}
