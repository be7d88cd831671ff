// Whatever schema comes: the answer fits it, or the refusal names the property at fault.
import { Ajv2020 } from 'ajv/dist/2020.js'
import { fullFormats } from 'ajv-formats/dist/formats.js'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { caughtError } from '../../test/support/caught-error.ts'
import { RECORDED_PICTURES, recordedResults } from '../../test/support/recorded-answers.ts'
import { brokenSchema, satisfiableSchema } from '../../test/support/schema-arbitraries.ts'
import { createStructuredRequest } from './structured-request.ts'

const RUNS = 300
/** Compiling two validators for each schema takes seconds on a busy machine. */
const TIMEOUT_MS = 120_000

const pictures = fc.uniqueArray(fc.constantFrom(...RECORDED_PICTURES), {
  minLength: 1,
  maxLength: 3,
})

/** With the schema as the client wrote it, not as FloCap reads it. */
function validate(schema: object | boolean, json: string): string {
  const ajv = new Ajv2020({
    strict: false,
    logger: false,
    formats: fullFormats,
    ownProperties: true,
  })
  return ajv.validate(schema, JSON.parse(json)) ? 'valid' : `${ajv.errorsText()} in ${json}`
}

it(
  'gives an answer that fits each schema which an answer can fit',
  () => {
    fc.assert(
      fc.property(satisfiableSchema, pictures, (schema, names) => {
        const request = createStructuredRequest(schema, 'format')
        const tasks = request.tasks({ task: 'more_detailed_caption' }, 'any')
        const answered = names.map((name, index) => ({
          labels: names.length === 1 ? [] : [`Image ${index + 1}`],
          results: recordedResults(name, tasks),
        }))
        const { json } = request.answer(tasks, answered, 0)
        expect(validate(schema, json)).toBe('valid')
        const opening = names.length === 1 ? (request.lead(tasks)?.opening ?? '') : ''
        expect(json.startsWith(opening)).toBe(true)
      }),
      { numRuns: RUNS },
    )
  },
  TIMEOUT_MS,
)

it(
  'names the property that no answer can fit',
  async () => {
    await fc.assert(
      fc.asyncProperty(brokenSchema, async ({ schema, path }) => {
        const error = await caughtError(async () => createStructuredRequest(schema, 'format'))
        expect(error.code).toBe('invalid_schema')
        expect(error.message).toContain(`'${path}'`)
      }),
      { numRuns: RUNS },
    )
  },
  TIMEOUT_MS,
)
