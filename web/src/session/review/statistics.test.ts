import fc from 'fast-check'
import { expect, it } from 'vitest'
import { reviewedPicture } from '../../../../test/support/reviewed-picture.ts'
import { describeCaptions } from './statistics.ts'

const describeAll = (...captions: (string | null)[]) =>
  describeCaptions(captions.map((caption, index) => reviewedPicture(`p${index}`, { caption })))

it('counts pictures, captions, and how long these are', () => {
  expect(describeAll('A red house.', 'A boat on the sea.', null, 'Sky')).toMatchObject({
    pictures: 4,
    captioned: 3,
    words: { least: 1, median: 3, most: 5 },
    characters: { least: 3, median: 12, most: 18 },
  })
})

it('counts in how many captions a word is, whatever its case, and no word that says nothing', () => {
  const { areTags, most } = describeAll('The dog and the Dog', 'A dog’s bone', 'a dog')
  expect(areTags).toBe(false)
  expect(most).toEqual([
    { text: 'dog', count: 2 },
    { text: 'bone', count: 1 },
    { text: 'dog’s', count: 1 },
  ])
})

it('counts tags where captions are lists of them', () => {
  const { areTags, most } = describeAll('ohwx, red house, sky, 1girl', 'OHWX, sea, red house, boat')
  expect(areTags).toBe(true)
  expect(most.slice(0, 2)).toEqual([
    { text: 'ohwx', count: 2 },
    { text: 'red house', count: 2 },
  ])
})

it('counts copies, equal captions and reasons of failures', () => {
  const pictures = [
    reviewedPicture('a', { sha256: 'x', caption: 'same' }),
    reviewedPicture('b', { sha256: 'x', caption: 'same' }),
    reviewedPicture('c', { caption: 'other' }),
    reviewedPicture('d', { caption: null, sha256: null, failure: 'damaged' }),
  ]
  expect(describeCaptions(pictures)).toMatchObject({
    sameCaption: 2,
    samePicture: 2,
    failures: [{ text: 'damaged', count: 1 }],
  })
})

it('says something of any captions', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.string({ unit: 'grapheme' }))), (captions) => {
      const { captioned, characters, most } = describeAll(...captions)
      expect(characters === undefined).toBe(captioned === 0)
      for (const { count } of most) expect(count).toBeLessThanOrEqual(captioned)
    }),
  )
})
