// Tags as a text: what a chat that asks for them in words gets.
//
// They are the tags of an answer that fits a schema, so that both ways give the same ones.
import { z } from 'zod'
import { orNothing } from '../../caption/render-answer.ts'
import { TASKS } from '../../caption/tasks.ts'
import { type AnswerFormat, jsonFormat } from './answer-format.ts'

const Tags = z.object({ tags: z.array(z.string()) })

export function tagsFormat(): Exclude<AnswerFormat, { kind: 'text' }> {
  return jsonFormat(z.toJSONSchema(Tags), 'the prompt')
}

/** @param json an answer that fits `tagsFormat()` */
export function listTags(json: string): string {
  const { tags } = Tags.parse(JSON.parse(json))
  return orNothing(TASKS.od, tags.join(', '))
}
