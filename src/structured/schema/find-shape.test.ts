import { describe, expect, it } from 'vitest'
import { takesLinearTime } from '../../../test/support/linear-time.ts'
import { findShape } from './find-shape.ts'

const schema = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] }
const printed =
  "{'type': 'object', 'properties': {'title': {'type': 'string'}}, 'required': ['title']}"
const call =
  'reply with JSON ONLY in this format {"name": "function_name", "arguments":{"argument_name": "argument_value"}}.'

describe('findShape', () => {
  it('finds a schema as JSON and as Python prints it', () => {
    expect(findShape([`Answer by ${JSON.stringify(schema)}.`])).toEqual(schema)
    expect(findShape([`Answer by ${printed}.`])).toEqual(schema)
  })

  it.each([
    ['JSON', JSON.stringify({ type: 'function', function: { name: 'save', parameters: schema } })],
    ['Python', `{'type': 'function', 'function': {'name': 'save', 'parameters': ${printed}}}`],
    ['a function alone', `{'name': 'save', 'description': "It's", 'parameters': ${printed}}`],
  ])('asks for a call where a prompt shows its form and the functions, as %s', (_, tool) => {
    expect(findShape([`${call} The following functions are available to you:\n${tool}\n`])).toEqual(
      {
        anyOf: [
          {
            type: 'object',
            properties: { name: { const: 'save' }, arguments: schema },
            required: ['name', 'arguments'],
            additionalProperties: false,
          },
        ],
      },
    )
  })

  it('takes the form of a call without functions for an example', () => {
    expect(findShape([call])).toMatchObject({ required: ['name', 'arguments'] })
  })

  it.each([
    ["It's {'a': 'b}", undefined],
    ["{'a': x}", undefined],
    ["{'a': 'x\\u00e9\\'s', 'b': (1, -2.5e3), 'c': None}", ['a', 'b', 'c']],
  ])('reads what Python prints and nothing like it: %s', (text, names) => {
    expect(findShape([text])).toEqual(
      names === undefined ? undefined : expect.objectContaining({ required: names }),
    )
  })

  it('reads a text once, whatever it is made of', () => {
    for (const unit of ["{'", "{'a':", "'", '{"', '{', "\\'"]) {
      expect(takesLinearTime(unit.repeat(20_000), (text) => void findShape([text]))).toBe(true)
    }
  })
})
