import { expect, it } from 'vitest'
import { nextPictureId } from './picture-id.ts'

it('gives later pictures larger numbers, also when the clock stands still or goes back', () => {
  const ids = [10, 10, 5, 20].map((now) => nextPictureId(now))
  expect(ids).toEqual([10, 11, 12, 20])
})
