// `response_format` of chat completions and `text.format` of responses.
import type { AnswerFormat } from '../../chat/answer-format.ts'
import { TEXT, toJsonFormat } from '../../chat/answer-format.ts'
import type { ResponseFormat } from './schema.ts'

/** Chat completions wrap the schema in `json_schema`, responses do not. */
export function toFormat(format: ResponseFormat | null | undefined): AnswerFormat {
  if (format?.type === 'json_object') return toJsonFormat(undefined)
  if (format?.type === 'json_schema')
    return toJsonFormat(format.json_schema?.schema ?? format.schema)
  return TEXT
}
