// Tags as a text: what a chat that asks for them in words gets.
//
// They are the tags of an answer that fits a schema, so that both ways give the same ones.
import { z } from 'zod'
import { type AnswerFormat, jsonFormat } from './answer-format.ts'

const Tags = z.object({ tags: z.array(z.string()) })

/** As of every task that finds things. */
const NONE = 'No objects found.'

export function tagsFormat(): Exclude<AnswerFormat, { kind: 'text' }> {
  return jsonFormat(z.toJSONSchema(Tags), 'the prompt')
}

/** @param json an answer that fits `tagsFormat()` */
export function listTags(json: string): string {
  const { tags } = Tags.parse(JSON.parse(json))
  return tags.join(', ') || NONE
}
