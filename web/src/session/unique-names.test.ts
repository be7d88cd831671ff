import { describe, expect, it } from 'vitest'
import { uniqueNames } from './unique-names.ts'

describe('uniqueNames', () => {
  it('numbers what is repeated, in whatever case', () => {
    expect(uniqueNames(['a.txt', 'A.txt', 'a.txt', 'a (2).txt'])).toEqual([
      'a.txt',
      'A (2).txt',
      'a (3).txt',
      'a (2) (2).txt',
    ])
  })

  it('lets no name leave its folder', () => {
    expect(uniqueNames(['../a/b:c.txt'])).toEqual(['.._a_b_c.txt'])
  })
})
