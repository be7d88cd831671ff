// JSON schemas as clients write them, and some as nobody would: every keyword that FloCap plans for.
import fc from 'fast-check'

type Schema = Record<string, unknown> | boolean

const NAMES = [
  'title',
  'caption',
  'description',
  'altText',
  'tags',
  'keywords',
  'objects',
  'labels',
  'ocr_text',
  'text',
  'lines',
  'people',
  'dog_count',
  'has_text',
  'has_people',
  'nsfw',
  'score',
  'mood',
  'confidence',
  'box',
  'bounding_box',
  'width',
  'orientation',
  'images',
  'answer',
  'colors',
  'Animals',
  'x',
  'constructor',
  'toString',
  'größe',
  'a b',
  '0',
] as const

const name = fc.constantFrom(...NAMES)
const types = ['string', 'integer', 'number', 'boolean', 'array', 'object'] as const

const bounds = (low: number, high: number) =>
  fc
    .tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high }))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)

/** Some of the keywords, none of them at times. */
const SOME: { requiredKeys: [] } = { requiredKeys: [] }

const text: fc.Arbitrary<Schema> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ type: 'string' }) },
  bounds(0, 200).map(([minLength, maxLength]) => ({ type: 'string', minLength, maxLength })),
  fc.integer({ min: 0, max: 80 }).map((maxLength) => ({ type: 'string', maxLength })),
  fc
    .constantFrom('^[a-z]+$', '^[A-Z_]+$', '^\\d{4}$', '^.{0,40}$', '^#[0-9a-f]{6}$', '^[a-z-]*$')
    .map((pattern) => ({ type: 'string', pattern })),
  fc
    .constantFrom('date', 'date-time', 'email', 'uri', 'uuid', 'ipv4', 'hostname', 'time', 'nope')
    .map((format) => ({ type: 'string', format })),
  fc
    .uniqueArray(fc.constantFrom('anchor', 'dog', 'low', 'high', 'unknown', 'landscape'), {
      minLength: 1,
    })
    .map((values) => ({ type: 'string', enum: values })),
  fc.constantFrom('photo', 'v1').map((value) => ({ const: value })),
)

const number: fc.Arbitrary<Schema> = fc
  .tuple(fc.constantFrom('integer', 'number'), fc.constantFrom(1, 2, 5, 0.5, 0.1), fc.boolean())
  .chain(([type, multipleOf, steps]) =>
    fc.oneof(
      { weight: 2, arbitrary: fc.constant({ type }) },
      bounds(-20, 1000)
        .filter(([low, high]) => high - low >= 10)
        .map(([minimum, maximum]) => ({
          type,
          minimum,
          maximum,
          ...(steps ? { multipleOf } : {}),
        })),
      bounds(0, 100)
        .filter(([low, high]) => high - low >= 4)
        .map(([exclusiveMinimum, exclusiveMaximum]) => ({
          type,
          exclusiveMinimum,
          exclusiveMaximum,
        })),
      fc.constant({ type: 'number', minimum: 0, maximum: 1 }),
      fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1 }).map((values) => ({
        enum: values,
      })),
    ),
  )

const leaf: fc.Arbitrary<Schema> = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 3, arbitrary: number },
  { weight: 1, arbitrary: fc.constant({ type: 'boolean' }) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 4 }).map((minItems) => ({
      type: 'array',
      items: { type: 'string' },
      uniqueItems: true,
      minItems,
    })),
  },
  { weight: 1, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constant(true) },
  {
    weight: 1,
    arbitrary: fc.uniqueArray(fc.constantFrom(...types, 'null'), { minLength: 1 }).map((type) => ({
      type,
    })),
  },
)

const { schema } = fc.letrec<{ schema: Schema; object: Schema; array: Schema }>((tie) => ({
  object: fc
    .tuple(
      fc.dictionary(name, tie('schema'), { maxKeys: 4, noNullPrototype: true }),
      fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      fc.constantFrom(undefined, false, true),
      fc.record(
        {
          patternProperties: tie('schema').map((each) => ({ '^[a-z]+$': each })),
          minProperties: fc.integer({ min: 0, max: 1 }),
          maxProperties: fc.integer({ min: 4, max: 6 }),
        },
        SOME,
      ),
    )
    .map(([properties, chance, additionalProperties, rest]): Schema => {
      const names = Object.keys(properties)
      const { patternProperties, ...counts } = rest
      const withPatterns = names.length === 0 ? { patternProperties } : {}
      return {
        type: 'object',
        properties,
        required: names.filter((_, index) => chance[index] === true),
        ...(additionalProperties === undefined ? {} : { additionalProperties }),
        ...(names.length === 0 ? {} : counts),
        ...(patternProperties === undefined ? {} : withPatterns),
      }
    }),
  array: fc
    .tuple(
      tie('schema'),
      fc.record(
        {
          minItems: fc.integer({ min: 0, max: 3 }),
          maxItems: fc.integer({ min: 3, max: 9 }),
          prefixItems: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        },
        SOME,
      ),
    )
    .map(([items, rest]): Schema => ({ type: 'array', items, ...rest })),
  schema: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'schema' },
    { weight: 5, arbitrary: leaf },
    { weight: 3, arbitrary: tie('object') },
    { weight: 2, arbitrary: tie('array') },
    {
      weight: 1,
      arbitrary: tie('schema').map((each): Schema => ({ anyOf: [each, { type: 'null' }] })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie('schema'), tie('schema'))
        .map(([a, b]): Schema => ({ anyOf: [a, b], description: 'One of two.' })),
    },
    { weight: 1, arbitrary: tie('schema').map((each): Schema => ({ allOf: [each, {}] })) },
    {
      weight: 1,
      arbitrary: text.map((each): Schema => ({ oneOf: [each, { type: 'boolean' }] })),
    },
    { weight: 1, arbitrary: fc.constant({ $ref: '#/$defs/Image' }) },
    { weight: 1, arbitrary: fc.constant({ $ref: '#/$defs/Node' }) },
    { weight: 1, arbitrary: fc.constant({ $ref: '#/definitions/Label' }) },
    {
      weight: 1,
      arbitrary: fc.constant({ type: 'string', nullable: true }),
    },
  ),
}))

const DEFINITIONS = {
  $defs: {
    Image: {
      type: 'object',
      properties: { description: { type: 'string' }, tags: { type: 'array', items: true } },
      required: ['description'],
    },
    Node: {
      type: 'object',
      properties: {
        label: { type: 'string' },
        children: { type: 'array', items: { $ref: '#/$defs/Node' } },
        parent: { anyOf: [{ $ref: '#/$defs/Node' }, { type: 'null' }] },
      },
      required: ['label', 'children', 'parent'],
    },
  },
  definitions: {
    Label: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        confidence: { type: 'number', minimum: 0, maximum: 1 },
        box_2d: { type: 'array', items: { type: 'integer' }, minItems: 4, maxItems: 4 },
      },
      required: ['name', 'confidence'],
    },
  },
}

/** Each can be satisfied by some answer. */
export const satisfiableSchema: fc.Arbitrary<Schema> = schema.map((each) =>
  typeof each === 'boolean' ? each : { ...each, ...DEFINITIONS },
)

export interface BrokenSchema {
  readonly schema: Schema
  /** Of the property that no answer can satisfy. */
  readonly path: string
}

const broken: fc.Arbitrary<Schema> = fc.constantFrom<Schema>(
  false,
  { type: 'string', minLength: 5, maxLength: 2 },
  { type: 'number', minimum: 5, maximum: 2 },
  { type: 'array', minItems: 5, maxItems: 2 },
  { allOf: [{ type: 'string' }, { type: 'number' }] },
  { allOf: [{ enum: ['a'] }, { enum: ['b'] }] },
  { type: 'string', pattern: '(?=x)' },
  { type: 'string', pattern: '(' },
  { $ref: 'https://example.com/schema.json' },
  { $ref: '#/nowhere' },
  { type: 'strin' },
  { type: 'string', maxLength: -1 },
)

/** Objects and lists around a required value that cannot be. */
export const brokenSchema: fc.Arbitrary<BrokenSchema> = fc
  .tuple(broken, fc.array(fc.tuple(name, fc.boolean(), leaf), { minLength: 1, maxLength: 4 }))
  .map(([inner, steps]) =>
    steps.reduceRight<BrokenSchema>(
      ({ schema: around, path }, [property, listed, sibling]) => {
        const value = listed ? { type: 'array', items: around, minItems: 1 } : around
        return {
          schema: {
            type: 'object',
            properties: { [`${property}0`]: sibling, [property]: value },
            required: [property],
          },
          path: [`${property}${listed ? '[]' : ''}`, ...(path === '' ? [] : [path])].join('.'),
        }
      },
      { schema: inner, path: '' },
    ),
  )
