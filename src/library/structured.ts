// Answers of a shape that the program names: a JSON schema, or a schema of a library that can say
// itself as one (Standard JSON Schema: Zod from 4.2, ArkType, Valibot).
import { FlocapError } from '../base/errors.ts'
import { showValue } from '../base/show-value.ts'
import type { CaptionResult, TaskRequest, TasksCaptioner } from '../caption/captioner.ts'
import { DEFAULT_TASK } from '../caption/tasks.ts'
import { createStructuredRequest } from '../structured/structured-request.ts'
import { type StructuredAnswer, toModelInfo } from './answers.ts'

/** A JSON schema, as a plain object. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** What schema libraries have in common: standardschema.dev, with its JSON Schema part. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => unknown
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

/** Of the answers that a Standard Schema lets pass. */
export type OutputOf<Schema extends StandardSchema> = NonNullable<
  Schema['~standard']['types']
>['output']

export interface StructuredPlan {
  readonly tasks: readonly TaskRequest[]
  /** @throws FlocapError `invalid_schema` when what was found does not fit. */
  readonly answer: (results: readonly CaptionResult[]) => Promise<StructuredAnswer>
}

/** @throws FlocapError `invalid_schema` naming the property that FloCap cannot give a value. */
export function planStructured(schema: unknown, captioner: TasksCaptioner): StructuredPlan {
  const request = createStructuredRequest(toJsonSchema(schema), 'schema')
  const tasks = request.tasks({ task: DEFAULT_TASK }, captioner.model.id)
  return {
    tasks,
    async answer(results) {
      const { json, unanswered } = request.answer(tasks, [{ labels: [], results }], 0)
      const value: unknown = JSON.parse(json)
      const picture = results[0]?.picture ?? { width: 0, height: 0 }
      return {
        value: isStandard(schema) ? await validated(schema, value) : value,
        unanswered,
        truncated: results.some(({ finishReason }) => finishReason === 'length'),
        picture: { width: picture.width, height: picture.height },
        model: toModelInfo(captioner.model),
      }
    },
  }
}

function toJsonSchema(schema: unknown): unknown {
  if (!isStandard(schema)) return schema
  const { vendor } = schema['~standard']
  const convert: unknown = Reflect.get(
    Object(Reflect.get(schema['~standard'], 'jsonSchema')),
    'input',
  )
  if (typeof convert !== 'function') {
    throw new FlocapError('invalid_schema', `This schema of ${vendor} has no JSON schema.`, {
      subject: 'schema',
      hint: 'Zod has one from 4.2 on; otherwise give the JSON schema itself.',
    })
  }
  const converted: unknown = convert({ target: 'draft-2020-12' })
  return converted
}

/** Transformations and refinements that a JSON schema cannot say are the library's own. */
async function validated(schema: StandardSchema, value: unknown): Promise<unknown> {
  const result: unknown = await schema['~standard'].validate(value)
  const issues: unknown = Reflect.get(Object(result), 'issues')
  if (issues === undefined) return Reflect.get(Object(result), 'value')
  throw new FlocapError(
    'invalid_schema',
    `What was found does not pass the schema's own checks: ${showValue(issues)}.`,
    { subject: 'schema' },
  )
}

function isStandard(schema: unknown): schema is StandardSchema {
  // ArkType's schemas are functions.
  const isHolder = typeof schema === 'function' || (typeof schema === 'object' && schema !== null)
  return isHolder && '~standard' in schema
}
