import { describe, expect, it } from 'vitest'
import { createChecker } from './checker.ts'
import type { Json, SchemaObject } from './json-schema.ts'

describe('what is wrong with an answer', () => {
  it.each<[SchemaObject, Json, string]>([
    [{ type: ['string'] }, 1, 'is no string'],
    [{ type: ['string', 'null'] }, 1, 'is no string or null'],
    [{ enum: ['a'] }, 'b', 'is none of the listed values'],
    [{ minLength: 3 }, 'b', 'has fewer than 3 characters'],
    [{ maxLength: 1 }, 'bb', 'has more than 1 character'],
    [{ pattern: '^a' }, 'b', 'does not match the pattern'],
    [{ format: 'date' }, 'b', "has not the format 'date'"],
    [{ minimum: 3 }, 2, 'is less than 3'],
    [{ maximum: 3 }, 4, 'is more than 3'],
    [{ exclusiveMinimum: 3 }, 3, 'is not more than 3'],
    [{ exclusiveMaximum: 3 }, 3, 'is not less than 3'],
    [{ multipleOf: 3 }, 4, 'is no multiple of 3'],
    [{ minItems: 2 }, [], 'has fewer than 2 entries'],
    [{ maxItems: 1 }, [1, 2], 'has more than 1 entry'],
    [{ uniqueItems: true }, [1, 1], 'has an entry twice'],
    [{ contains: { enum: [1] } }, [], "has fewer than 1 of what 'contains' describes"],
    [{ minProperties: 1 }, {}, 'has fewer than 1 property'],
    [{ maxProperties: 0 }, { a: 1 }, 'has more than 0 properties'],
    [{ required: ['a'] }, {}, "lacks 'a'"],
    [{ additionalProperties: false }, { a: 1 }, "must not have 'a'"],
    [{ anyOf: [{ enum: [1] }, { enum: [2] }] }, 3, 'is none of the listed values'],
    [{ oneOf: [{ minimum: 1 }, { minimum: 2 }] }, 3, 'fits more than one alternative'],
    [{ not: { enum: [1] } }, 1, "is what 'not' excludes"],
  ])('%j: %j', (schema, value, why) => {
    expect(createChecker(schema).check(value)?.why).toBe(why)
  })

  it('is said where it is', () => {
    const schema = {
      properties: { tags: { items: { properties: { name: { type: ['string'] } } } } },
    } as const
    expect(createChecker(schema).check({ tags: [{ name: 1 }] })?.path).toBe('tags[0].name')
  })
})
