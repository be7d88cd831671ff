import { expect, it } from 'vitest'
import { nearestNames } from './nearest.ts'

const COMMANDS = ['serve', 'caption', 'pull', 'models', 'doctor']

it.each([
  ['serv', ['serve']],
  ['captoin', ['caption']],
  ['DOCTER', ['doctor']],
  ['model', ['models']],
])('%s may mean %j', (typed, expected) => {
  expect(nearestNames(typed, COMMANDS)).toEqual(expected)
})

it('suggests nothing for another word', () => {
  expect(nearestNames('update', COMMANDS)).toEqual([])
  expect(nearestNames('', COMMANDS)).toEqual([])
})

it('names the nearest first, and three at most', () => {
  expect(nearestNames('abcdef', ['abcxyf', 'abcdex', 'abcdef', 'abcdefg', 'zzzzzz'])).toEqual([
    'abcdef',
    'abcdex',
    'abcdefg',
  ])
})
