import { expect, it } from 'vitest'
import { reviewedPicture as picture } from '../../../../test/support/reviewed-picture.ts'
import { countFilters, selectPictures } from './filters.ts'

const PICTURES = [
  picture('a', { confidence: 0.5 }),
  picture('b', { confidence: 0.2, caption: 'A Dog' }),
  picture('c', { confidence: 0.1, edited: true, caption: 'A Dog', sha256: 'a' }),
  picture('d', { confidence: null, caption: null, failure: 'damaged', sha256: null }),
  picture('e', { lock: 'locked', confidence: 0.1 }),
  picture('f', { lock: 'replaced' }),
]

it('shows what a filter names, the least sure first, looked at ones never as unsure', () => {
  expect(selectPictures(PICTURES, 'unsure', '')).toEqual(['b', 'a'])
  expect(selectPictures(PICTURES, 'same', '')).toEqual(['b', 'c'])
  expect(selectPictures(PICTURES, 'twins', '')).toEqual(['a', 'c'])
  expect(selectPictures(PICTURES, 'failed', '')).toEqual(['d'])
})

it('finds text in captions and names, whatever its case', () => {
  expect(selectPictures(PICTURES, 'all', ' dog')).toEqual(['b', 'c'])
  expect(selectPictures(PICTURES, 'edited', 'dog')).toEqual(['c'])
})

it('counts what each would show', () => {
  expect(countFilters(PICTURES)).toEqual({
    all: 6,
    none: 1,
    unsure: 2,
    failed: 1,
    same: 2,
    twins: 2,
    edited: 1,
    locked: 1,
    replaced: 1,
  })
})
