// What form an answer has, from the fields of chat completions and responses.
import { FlocapError } from '../../../base/errors.ts'
import {
  anyJsonFormat,
  jsonFormat,
  selectTools,
  TEXT,
  toolFormat,
  type AnswerFormat,
  type Tool,
} from '../../chat/answer-format.ts'
import type { Message } from '../../chat/conversation.ts'
import { refuseGrammars } from '../../chat/grammars.ts'
import type { ChatRequest, ResponseFormat, ToolChoice, ToolEntry } from './schema.ts'

/** A forced call before a response format, which is about the text beside calls. */
export function chatFormat(request: ChatRequest, messages: readonly Message[]): AnswerFormat {
  const { structured_outputs: structured } = request
  refuseGrammars(request)
  refuseGrammars(structured ?? {}, 'structured_outputs')
  const tools = (request.tools ?? []).flatMap((entry, index) => readTool(entry, `tools[${index}]`))
  const functions = (request.functions ?? []).flatMap((entry, index) =>
    readTool({ ...entry, type: 'function' }, `functions[${index}]`),
  )
  return (
    forcedTool(request.tool_choice, tools, 'tool_choice') ??
    forcedTool(request.function_call, functions, 'function_call') ??
    // llama.cpp and vLLM take a schema beside the format.
    schemaFormat(request.json_schema, 'json_schema') ??
    schemaFormat(request.guided_json, 'guided_json') ??
    schemaFormat(structured?.json, 'structured_outputs.json') ??
    toFormat(request.response_format, 'response_format', messages)
  )
}

/** The call that the client forces; undefined where a text will do. */
export function forcedTool(
  choice: ToolChoice | null | undefined,
  tools: readonly Tool[],
  field: string,
): AnswerFormat | undefined {
  const forced = readChoice(choice, field)
  if (forced === undefined) return undefined
  return toolFormat(selectTools(tools, forced.names, field))
}

/** One entry of `tools`: wrapped in chat completions, flat in responses. */
export function readTool(entry: ToolEntry, field: string): readonly Tool[] {
  const own = entry.function ?? entry
  if (typeof own.name !== 'string' || (entry.type ?? 'function') !== 'function') return []
  const inner = entry.function === undefined ? '' : '.function'
  return [{ name: own.name, schema: own.parameters, field: `${field}${inner}.parameters` }]
}

/** @returns `names` undefined when any tool will do. */
function readChoice(
  choice: ToolChoice | null | undefined,
  field: string,
): { readonly names: readonly string[] | undefined } | undefined {
  if (choice === null || choice === undefined) return undefined
  if (typeof choice === 'string') {
    if (choice === 'required' || choice === 'any') return { names: undefined }
    if (choice === 'auto' || choice === 'none' || choice === '') return undefined
  } else if (choice.type === 'allowed_tools') {
    const { mode, tools } = choice.allowed_tools ?? choice
    if (mode !== 'required') return undefined
    return { names: (tools ?? []).flatMap((tool) => tool.function?.name ?? tool.name ?? []) }
  } else {
    const name = choice.function?.name ?? choice.name
    if (typeof name === 'string' && (choice.type ?? 'function') === 'function') {
      return { names: [name] }
    }
  }
  const shown = JSON.stringify(choice).slice(0, 60)
  throw new FlocapError(
    'invalid_request',
    `Expected "auto", "none", "required" or the name of a function for ${field}, got ${shown}.`,
    { subject: field },
  )
}

/**
 * `response_format` and `text.format`. Chat completions wrap the schema in `json_schema`, responses and
 * llama.cpp do not, and some clients put the schema itself where its wrapper belongs.
 */
export function toFormat(
  format: ResponseFormat | null | undefined,
  field: string,
  messages: readonly Message[],
): AnswerFormat {
  const { type } = format ?? {}
  if (format === null || format === undefined || type === 'text' || !type) return TEXT
  if (type !== 'json_object' && type !== 'json_schema') {
    const shown = JSON.stringify(type).slice(0, 60)
    throw new FlocapError(
      'invalid_request',
      `Expected "text", "json_object" or "json_schema" for ${field}.type, got ${shown}.`,
      { subject: `${field}.type` },
    )
  }
  const wrapped = format.json_schema ?? undefined
  const bare = wrapped !== undefined && ('properties' in wrapped || '$ref' in wrapped)
  return (
    schemaFormat(wrapped?.schema, `${field}.json_schema.schema`) ??
    schemaFormat(bare ? wrapped : undefined, `${field}.json_schema`) ??
    schemaFormat(format.schema, `${field}.schema`) ??
    anyJsonFormat(messages, field)
  )
}

function schemaFormat(schema: unknown, field: string): AnswerFormat | undefined {
  return schema === null || schema === undefined ? undefined : jsonFormat(schema, field)
}
