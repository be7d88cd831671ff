// Checks answers against their schema: the one place that knows the validator.
//
// The validator writes code from the schema. What makes that safe for a stranger's schema: it was read
// by read-schema.ts (known keywords, bounded size, no foreign references), patterns run by RE2's rules,
// nothing is loaded, and each schema has its own instance.
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import { complaintOf } from './complaint.ts'
import { FORMATS } from './formats.ts'
import type { Json, Schema, SchemaObject } from './json-schema.ts'
import { compilePattern } from './patterns.ts'

export interface Violation {
  /** `tags[0].name`; empty for the whole answer. */
  readonly path: string
  /** What follows 'it', such as `has fewer than 3 entries`. */
  readonly why: string
}

export interface Checker {
  /** What is wrong with the answer, or nothing. */
  check(value: Json): Violation | undefined
  /** Whether a part of the answer fits these schemas, all of the same root. */
  fits(schemas: readonly Schema[], value: Json): boolean
}

const regExp = Object.assign((pattern: string) => compilePattern(pattern), {
  code: 'compilePattern',
})

/** @throws Error when the schema cannot be compiled, which a schema that was read can. */
export function createChecker(root: SchemaObject): Checker {
  const ajv = new Ajv2020({
    strict: false,
    logger: false,
    addUsedSchema: false,
    // A definition becomes one function, however often it is referred to.
    inlineRefs: false,
    // `required: ["constructor"]` asks for the answer's own property.
    ownProperties: true,
    validateFormats: true,
    formats: FORMATS,
    code: { regExp },
  })
  const whole = ajv.compile(root)
  const parts = new WeakMap<readonly Schema[], ValidateFunction>()

  return {
    check: (value) => (passes(whole, value) ? undefined : toViolation(whole.errors?.[0])),
    fits(schemas, value) {
      let part = parts.get(schemas)
      if (part === undefined) {
        part = ajv.compile({
          ...(root.$defs === undefined ? {} : { $defs: root.$defs }),
          allOf: schemas,
        })
        parts.set(schemas, part)
      }
      return passes(part, value)
    },
  }
}

function passes(validate: ValidateFunction, value: Json): boolean {
  return validate(value)
}

function toViolation(error: ErrorObject | undefined): Violation {
  const steps = (error?.instancePath ?? '').split('/').slice(1)
  const path = steps
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(
      (all, step) =>
        /^\d+$/.test(step) ? `${all}[${step}]` : all === '' ? step : `${all}.${step}`,
      '',
    )
  return { path, why: error === undefined ? 'does not fit' : complaintOf(error) }
}
