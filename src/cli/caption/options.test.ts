import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { addCaptionOptions } from './options.ts'

describe('the flags of the caption command', () => {
  it.each([
    ['--text', ['a car', 'a house'], /a car<and>a house/],
    ['--region', ['1,2,3,4', '5,6,7,8'], /once for each/],
  ])('refuse %s twice, where the first would be lost', (flag, values, hint) => {
    const command = addCaptionOptions(new Command('caption'))
    const parse = (given: readonly string[]) =>
      command.parse(
        given.flatMap((value) => [flag, value]),
        { from: 'user' },
      )
    expect(() => parse(values)).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        message: `Expected ${flag} once, got it twice.`,
        hint: expect.stringMatching(hint),
      }),
    )
  })
})
