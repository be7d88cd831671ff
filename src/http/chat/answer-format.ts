// The form of an answer, in any dialect: a text, JSON, or the arguments of a tool that has to be called.
//
// Each surface turns its client's fields into one of these before a model runs, so that what cannot be
// answered is refused with an ordinary error; `answerChat` does the rest.
import { FlocapError } from '../../base/errors.ts'
import { findShape } from '../../structured/schema/find-shape.ts'
import {
  createStructuredRequest,
  type StructuredRequest,
} from '../../structured/structured-request.ts'
import type { Message } from './conversation.ts'

export type AnswerFormat =
  | { readonly kind: 'text' }
  | {
      readonly kind: 'json'
      readonly structured: StructuredRequest
      /** No shape was asked for: the text may stand in an object of ours. */
      readonly anyShape: boolean
    }
  | { readonly kind: 'tool'; readonly structured: StructuredRequest; readonly name: string }

/** A function that the client offers, with the JSON schema of its arguments. */
export interface Tool {
  readonly name: string
  /** Undefined for one that takes no arguments. */
  readonly schema: unknown
  /** Where the schema stands in the request. */
  readonly field: string
}

export const TEXT: AnswerFormat = { kind: 'text' }

const ANY_SHAPE = {
  type: 'object',
  properties: { caption: { type: 'string' } },
  required: ['caption'],
}

/**
 * JSON that fits a schema.
 *
 * @param field where the schema stands in the request, for messages.
 * @throws FlocapError `invalid_schema` naming the property that no answer can fit.
 */
export function jsonFormat(
  schema: unknown,
  field: string,
): Extract<AnswerFormat, { kind: 'json' }> {
  return { kind: 'json', structured: createStructuredRequest(schema, field), anyShape: false }
}

/** JSON of the shape that the chat itself shows, as a schema or as an example; else `{"caption"}`. */
export function anyJsonFormat(messages: readonly Message[], field: string): AnswerFormat {
  const shape = findShape(
    messages.toReversed().flatMap(({ role, parts }) =>
      // What an assistant said before is no instruction.
      role === 'assistant'
        ? []
        : parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).toReversed(),
    ),
  )
  const schema = shape ?? ANY_SHAPE
  return {
    kind: 'json',
    structured: createStructuredRequest(schema, shape === undefined ? field : 'the prompt'),
    anyShape: shape === undefined,
  }
}

/**
 * The arguments of one call: of the only tool, or of the one that a picture tells most about.
 *
 * @param tools those that the client lets be called.
 * @throws FlocapError `invalid_schema` when the arguments of none can be given.
 */
export function toolFormat(tools: readonly Tool[]): AnswerFormat {
  const failures: unknown[] = []
  const calls = tools.flatMap(({ name, schema, field }) => {
    try {
      const structured = createStructuredRequest(
        schema ?? { type: 'object', properties: {} },
        field,
      )
      return [{ kind: 'tool', name, structured } as const]
    } catch (error) {
      failures.push(error)
      return []
    }
  })
  const [best] = calls.toSorted((a, b) => b.structured.coverage - a.structured.coverage)
  if (best !== undefined) return best
  throw failures[0]
}

/**
 * The tools of this name.
 * @throws FlocapError `invalid_request` when there is none, or no tool at all.
 */
export function selectTools(
  tools: readonly Tool[],
  wanted: readonly string[] | undefined,
  field: string,
): readonly Tool[] {
  const chosen = wanted === undefined ? tools : tools.filter(({ name }) => wanted.includes(name))
  if (chosen.length > 0) return chosen
  const names = tools.map(({ name }) => `'${name}'`).join(', ') || 'none'
  const expected = wanted === undefined ? 'a tool' : `the tool '${wanted.join("', '")}'`
  throw new FlocapError('invalid_request', `Expected ${expected} for ${field}, got ${names}.`, {
    subject: field,
    hint: "List it in 'tools'.",
  })
}
