import { describe, expect, it } from 'vitest'
import { BundledLanguage, plural } from './bundled-language.ts'

const language = new BundledLanguage(['dog', 'cat', 'fish', 'glasses', 'cherry', 'bus'])

describe('plural', () => {
  it.each([
    ['dog', 'dogs'],
    ['bus', 'buses'],
    ['cherry', 'cherries'],
    ['monkey', 'monkeys'],
    ['mouse', 'mice'],
    ['fish', 'fish'],
  ])('of %s is %s', (name, many) => {
    expect(plural(name)).toBe(many)
  })
})

describe('readCaption', () => {
  const read = (caption: string): object => {
    const { things, background } = language.readCaption(caption)
    return { things: Object.fromEntries(things), background }
  }

  it('counts things and names the background', () => {
    expect(read('Two dogs and a cat on a blue background.')).toEqual({
      things: { dog: 2, cat: 1 },
      background: ['blue'],
    })
    expect(read('Three cherries, two fish and glasses on an orange and red background.')).toEqual({
      things: { cherry: 3, fish: 2, glasses: 1 },
      background: ['orange', 'red'],
    })
  })

  it('takes no word in quotes for a thing', () => {
    expect(read('A bus and the word "CAT" on a grey background.')).toEqual({
      things: { bus: 1 },
      background: ['grey'],
    })
  })

  it('finds nothing in a modest caption', () => {
    expect(read('An object on a mixed background.')).toEqual({ things: {}, background: ['mixed'] })
    expect(read('An empty pink background.')).toEqual({ things: {}, background: ['pink'] })
  })
})

it('readPlaces tells where things are, sizes or not', () => {
  const text =
    'The image shows a large dog on the left, a cat at the top, then glasses in the upper right and the word "BUS" at the bottom, on a red background.'
  expect(Object.fromEntries(language.readPlaces(text))).toEqual({
    dog: 'on the left',
    cat: 'at the top',
    glasses: 'in the upper right',
  })
})

it('readRelations reads the second and the third thing', () => {
  const text =
    'The image shows a dog, a cat and a bus on a red background. The dog is large and on the left. ' +
    'A small cat can be seen right of the dog. Below it there is a bus.'
  expect(language.readRelations(text)).toEqual([
    { thing: 'cat', relation: 'right', other: 'dog' },
    { thing: 'bus', relation: 'below', other: undefined },
  ])
})
