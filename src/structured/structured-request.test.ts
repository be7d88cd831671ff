import { describe, expect, it } from 'vitest'
import { caughtError } from '../../test/support/caught-error.ts'
import { recordedResults } from '../../test/support/recorded-answers.ts'
import { createStructuredRequest, refuseUnanswered } from './structured-request.ts'

/** An anchor and a small trophy on a white and lime background. */
const THINGS = 'scene-03'
/** A snail and the word OPEN on a pink background. */
const SIGN = 'scene-01'

const str = { type: 'string' }
const strs = { type: 'array', items: str }
const num = { type: 'number' }
const bool = { type: 'boolean' }

function object(properties: Record<string, unknown>, required = Object.keys(properties)) {
  return { type: 'object', properties, required, additionalProperties: false }
}

function ask(schema: unknown, ...pictures: readonly string[]) {
  const request = createStructuredRequest(schema, 'format')
  const tasks = request.tasks({ task: 'more_detailed_caption' }, 'florence-2-large')
  const answered = pictures.map((name, index) => ({
    labels: pictures.length === 1 ? [] : [`Image ${index + 1}`],
    results: recordedResults(name, tasks),
  }))
  const { json, unanswered } = request.answer(tasks, answered, 0)
  const answer: unknown = JSON.parse(json)
  return { answer, unanswered, tasks: tasks.map(({ task }) => task) }
}

describe('texts', () => {
  it('are captions of the length that their name asks for', () => {
    const { answer, tasks } = ask(object({ title: str, description: str }), THINGS)
    expect(tasks).toEqual(['more_detailed_caption', 'caption'])
    expect(answer).toEqual({
      title: 'An anchor and a trophy on a white and lime background',
      description: expect.stringMatching(/^The image shows .+\. .+\.$/),
    })
  })

  it.each([
    [54, 'An anchor and a trophy on a white and lime background'],
    [30, 'An anchor and a trophy'],
    [5, 'An'],
  ])('keep a maxLength of %i', (maxLength, expected) => {
    const { answer } = ask(object({ alt: { ...str, maxLength } }), THINGS)
    expect(answer).toEqual({ alt: expected })
  })

  it('are read from the picture where text is asked for', () => {
    const schema = object({ ocr_text: str, lines: strs })
    expect(ask(schema, SIGN).answer).toEqual({ ocr_text: 'OPEN', lines: ['OPEN'] })
    expect(ask(schema, THINGS)).toMatchObject({
      answer: { ocr_text: '', lines: [] },
      unanswered: [],
    })
  })

  it('follow a title or a description where the name says nothing', () => {
    const schema = object({
      f1: { ...str, title: 'Short caption' },
      f2: { ...strs, description: 'Tags of the image.' },
    })
    expect(ask(schema, THINGS).answer).toEqual({
      f1: 'An anchor and a trophy on a white and lime background',
      f2: ['anchor', 'trophy'],
    })
  })
})

describe('lists', () => {
  it('of names are the labels, distinct, those of a group only where the name is one', () => {
    const keywords = object({ Animals: strs, Objects: strs, colors: strs })
    expect(ask(object({ keywords }), THINGS).answer).toEqual({
      keywords: { Animals: [], Objects: ['anchor', 'trophy'], colors: ['white', 'lime'] },
    })
    expect(ask(object({ animals: strs }), SIGN).answer).toEqual({ animals: ['snail'] })
  })

  it('of objects have a label, how sure the model was, and a box as it is asked for', () => {
    const integers = { type: 'array', items: { type: 'integer' } }
    const fraction = { type: 'number', minimum: 0, maximum: 1 }
    const item = object({
      label: str,
      confidence: fraction,
      bbox: { ...integers, minItems: 4, maxItems: 4 },
      box_2d: integers,
      rect: object({ x: num, y: num, width: num, height: num }),
      normalized_box: { type: 'array', items: fraction },
    })
    const [od] = recordedResults(SIGN, [{ task: 'od' }])
    const { width = 1, height = 1 } = od?.picture ?? {}
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] =
      od?.data.kind === 'boxes' ? (od.data.boxes[0]?.box ?? []) : []
    const near = (numbers: readonly number[], digits: number) =>
      numbers.map((each) => expect.closeTo(each, digits))
    const { answer } = ask(object({ objects: { type: 'array', items: item } }), SIGN)
    expect(answer).toEqual({
      objects: [
        {
          label: 'snail',
          confidence: expect.any(Number),
          bbox: [178, 153, 328, 285],
          box_2d: near(
            [y1 / height, x1 / width, y2 / height, x2 / width].map((side) => side * 1000),
            -1,
          ),
          rect: {
            x: expect.closeTo(x1, 1),
            y: expect.closeTo(y1, 1),
            width: expect.closeTo(x2 - x1, 1),
            height: expect.closeTo(y2 - y1, 1),
          },
          normalized_box: near([x1 / width, y1 / height, x2 / width, y2 / height], 3),
        },
      ],
    })
  })

  it('keep maxItems and fill up to minItems with what says nothing, and say so', () => {
    const schema = object({ tags: { ...strs, minItems: 3, uniqueItems: true } })
    expect(ask(schema, THINGS)).toMatchObject({
      answer: { tags: ['anchor', 'trophy', expect.any(String)] },
      unanswered: ['tags'],
    })
    expect(ask(object({ tags: { ...strs, maxItems: 1 } }), THINGS).answer).toEqual({
      tags: ['anchor'],
    })
  })
})

describe('numbers, booleans and enums', () => {
  it('come from what was found', () => {
    const schema = object({
      people: { type: 'integer' },
      object_count: { type: 'integer' },
      has_text: bool,
      has_people: bool,
      trophy_visible: bool,
      kind: { enum: ['animal', 'trophy', 'unknown'] },
      orientation: { enum: ['portrait', 'landscape', 'square'] },
    })
    expect(ask(schema, THINGS)).toMatchObject({
      answer: {
        people: 0,
        object_count: 2,
        has_text: false,
        has_people: false,
        trophy_visible: true,
        kind: 'trophy',
        orientation: 'landscape',
      },
      unanswered: [],
    })
  })

  it('are never invented: left out, null, or the emptiest value, and named', () => {
    const properties = {
      nsfw: bool,
      score: { ...num, minimum: 1, maximum: 10 },
      mood: { anyOf: [str, { type: 'null' }] },
      threat: { enum: ['high', 'unknown', 'low'] },
      photographer: str,
    }
    expect(ask(object(properties), THINGS)).toMatchObject({
      answer: { nsfw: false, score: 1, mood: null, threat: 'unknown', photographer: '' },
      unanswered: ['nsfw', 'score', 'mood', 'threat', 'photographer'],
    })
    expect(ask(object({ ...properties, title: str }, ['title']), THINGS)).toMatchObject({
      answer: { title: expect.any(String) },
      unanswered: ['nsfw', 'score', 'mood', 'threat', 'photographer'],
    })
  })

  it('that nothing is known of can be refused', async () => {
    const { unanswered } = ask(object({ title: str, nsfw: bool }), THINGS)
    const error = await caughtError(() => refuseUnanswered(unanswered))
    expect(error).toMatchObject({ code: 'unanswerable', subject: 'nsfw' })
    expect(() => refuseUnanswered([])).not.toThrow()
  })
})

describe('several pictures', () => {
  it('join lists, add counts up and label texts', () => {
    const schema = object({
      title: str,
      tags: strs,
      object_count: { type: 'integer' },
      has_text: bool,
    })
    expect(ask(schema, THINGS, SIGN).answer).toEqual({
      title:
        'Image 1: An anchor and a trophy on a white and lime background\n' +
        'Image 2: A snail and the word "OPEN" on a pink background',
      tags: ['anchor', 'trophy', 'snail'],
      object_count: 3,
      has_text: true,
    })
  })

  it('have an item each in a list of pictures', () => {
    const images = { type: 'array', items: object({ title: str, tags: strs }) }
    expect(ask(object({ images }), THINGS, SIGN).answer).toEqual({
      images: [
        {
          title: 'An anchor and a trophy on a white and lime background',
          tags: ['anchor', 'trophy'],
        },
        { title: 'A snail and the word "OPEN" on a pink background', tags: ['snail'] },
      ],
    })
  })
})

describe('hostile schemas', () => {
  /** a0 is all of a1 twice, a1 of a2 twice, and so on: 2 ** 40 steps for who follows them. */
  const doubling = Object.fromEntries(
    Array.from({ length: 40 }, (_, level) => {
      const next = { $ref: `#/$defs/a${level + 1}` }
      return [`a${level}`, level === 39 ? str : { allOf: [next, next] }]
    }),
  )
  const wide = Object.fromEntries(
    Array.from({ length: 40 }, (_, level) => {
      const next = { $ref: `#/$defs/w${level + 1}` }
      return [`w${level}`, level === 39 ? str : object({ a: next, b: next })]
    }),
  )
  const many = (items: unknown): unknown => ({ type: 'array', items, minItems: 1_000 })
  const nested = (depth: number): unknown => (depth === 0 ? str : object({ a: nested(depth - 1) }))

  it.each([
    ['definitions that double', { $ref: '#/$defs/a0', $defs: doubling }],
    ['objects that double', { $ref: '#/$defs/w0', $defs: wide }],
    ['a reference to itself', { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } }],
    [
      'a recursion without an end',
      { $ref: '#/$defs/a', $defs: { a: object({ a: { $ref: '#/$defs/a' } }) } },
    ],
    [
      'too many alternatives',
      { allOf: Array.from({ length: 8 }, () => ({ anyOf: [str, num, bool] })) },
    ],
    ['deep nesting', nested(60)],
    [
      'many subschemas',
      object(Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`p${at}`, str]))),
    ],
    ['a foreign reference', { $ref: 'http://169.254.169.254/schema.json' }],
    ['a file', { $ref: 'file:///etc/passwd' }],
    [
      'a property of the prototype',
      JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}'),
    ],
    ['a pattern with a lookahead', object({ a: { ...str, pattern: '^(?=x)' } })],
    ['a reference inside of not', { not: { $ref: '#/$defs/a' }, $defs: { a: str } }],
    ['half a character in a name', object({ 'a\ud800': str })],
    ['no schema at all', 'tags'],
    ['an array', []],
    ['too many items', { type: 'array', items: str, minItems: 1e9 }],
    ['lists of lists of lists', many(many(many(str)))],
    ['lists of lists in each of many properties', object({ a: many(many(str)), b: str })],
    ['a text of a billion letters', object({ a: { ...str, minLength: 1e9 } })],
    ['a thousand long texts', many({ ...str, minLength: 10_000 })],
    ['a billion properties', { type: 'object', additionalProperties: str, minProperties: 1e9 }],
    [
      'a list in each of a thousand properties',
      { type: 'object', additionalProperties: many(str), minProperties: 1_000 },
    ],
  ])('%s: refused at once, by name', async (_, schema) => {
    const error = await caughtError(() => createStructuredRequest(schema, 'format'))
    expect(error).toMatchObject({
      code: 'invalid_schema',
      subject: expect.stringMatching(/^format/),
    })
  })

  it('a pattern that takes others a lifetime takes no time', () => {
    const schema = object({ caption: { ...str, pattern: '^(([a-z ])+.)+[A-Z]([a-z])+$' } })
    expect(() => ask(schema, THINGS)).toThrow(/caption/)
  })

  it('names of the prototype are ordinary names', () => {
    const schema = object({ constructor: str, toString: strs, title: str })
    const { answer } = ask(schema, THINGS)
    expect(Object.entries(answer ?? {}).map(([name]) => name)).toEqual([
      'constructor',
      'toString',
      'title',
    ])
    expect('title' in {}).toBe(false)
  })

  it('code in names and values stays text', () => {
    const evil = '");globalThis.hacked=1;("'
    const schema = object({ [evil]: { ...str, enum: [evil], description: evil } })
    expect(ask(schema, THINGS).answer).toEqual({ [evil]: evil })
    expect('hacked' in globalThis).toBe(false)
  })
})

describe('schemas of other drafts and habits', () => {
  it.each([
    ['definitions', { definitions: { I: object({ title: str }) }, $ref: '#/definitions/I' }],
    [
      'a reference into components',
      { components: { schemas: { I: object({ title: str }) } }, $ref: '#/components/schemas/I' },
    ],
    [
      'an anchor',
      { $defs: { I: { $anchor: 'image', ...object({ title: str }) } }, $ref: '#image' },
    ],
    ['nullable', object({ title: { type: 'string', nullable: true } })],
    [
      'boolean exclusiveMinimum',
      object({ title: str, score: { type: 'number', minimum: 0, exclusiveMinimum: true } }),
    ],
    [
      'tuples in items',
      object({ title: str, box: { type: 'array', items: [num, num, num, num] } }),
    ],
    [
      '$schema and unknown keywords',
      {
        $schema: 'http://json-schema.org/draft-07/schema#',
        'x-order': 1,
        ...object({ title: str }),
      },
    ],
    ['no type', { properties: { title: {} }, required: ['title'] }],
    ['allOf', { allOf: [object({ title: str }, ['title'])] }],
    ['oneOf', { oneOf: [object({ title: str }), { type: 'null' }] }],
  ])('%s: answered', (_, schema) => {
    expect(ask(schema, THINGS).answer).toMatchObject({ title: expect.stringContaining('anchor') })
  })

  it('a recursion ends', () => {
    const schema = {
      $ref: '#/$defs/N',
      $defs: {
        N: object({ label: str, children: { type: 'array', items: { $ref: '#/$defs/N' } } }),
      },
    }
    expect(ask(schema, THINGS)).toMatchObject({
      answer: { label: 'anchor', children: [] },
      unanswered: [],
    })
  })

  it.each([
    ['a list', strs, ['anchor', 'trophy']],
    ['a text', str, expect.stringContaining('anchor')],
    ['anything', {}, { caption: expect.stringContaining('anchor') }],
    ['an object', { type: 'object' }, { caption: expect.stringContaining('anchor') }],
    [
      'a list of things',
      { type: 'array', items: object({ label: str }) },
      [{ label: 'anchor' }, { label: 'trophy' }],
    ],
    [
      'open names',
      { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 1 },
      { anchor: 1, trophy: 1 },
    ],
  ])('%s may be the root', (_, schema, expected) => {
    expect(ask(schema, THINGS).answer).toEqual(expected)
  })
})
