import { describe, expect, it } from 'vitest'
import { createPoison } from './poison.ts'

const picture = (id: number) => Uint8Array.of(id, id >> 8)
const MINUTE = 60_000

describe('createPoison', () => {
  it('refuses a picture after its second death, and no other', () => {
    const poison = createPoison()
    expect(poison.blame(picture(1))).toBe(false)
    expect(() => poison.assertAccepted(picture(1))).not.toThrow()
    expect(poison.blame(picture(1))).toBe(true)
    expect(() => poison.assertAccepted(Uint8Array.from(picture(1)))).toThrow(
      expect.objectContaining({ code: 'image_rejected', retry: 'never' }),
    )
    expect(() => poison.assertAccepted(picture(2))).not.toThrow()
  })

  it('forgives a picture that is answered', () => {
    const poison = createPoison()
    poison.blame(picture(1))
    poison.acquit(picture(1))
    expect(poison.blame(picture(1))).toBe(false)
  })

  it('forgives after ten minutes', () => {
    let now = 0
    const poison = createPoison(() => now)
    poison.blame(picture(1))
    now = 5 * MINUTE
    poison.blame(picture(1))
    now = 14 * MINUTE
    expect(() => poison.assertAccepted(picture(1))).toThrow(/more than once/)
    now = 15 * MINUTE
    expect(() => poison.assertAccepted(picture(1))).not.toThrow()
    expect(poison.blame(picture(1))).toBe(false)
  })

  it('remembers one that killed again for as long as the others', () => {
    let now = 0
    const poison = createPoison(() => now)
    poison.blame(picture(1))
    now = 5 * MINUTE
    poison.blame(picture(2))
    now = 6 * MINUTE
    poison.blame(picture(1))
    // The first blame of picture 2 is over, the second of picture 1 is not.
    now = 15.5 * MINUTE
    expect(() => poison.assertAccepted(picture(1))).toThrow(/more than once/)
    expect(poison.blame(picture(2))).toBe(false)
  })

  it('remembers a thousand at most, the newest', () => {
    const poison = createPoison()
    for (let id = 0; id < 1_002; id += 1) {
      poison.blame(picture(id))
      poison.blame(picture(id))
    }
    expect(() => poison.assertAccepted(picture(1))).not.toThrow()
    expect(() => poison.assertAccepted(picture(2))).toThrow(/more than once/)
    expect(() => poison.assertAccepted(picture(1_001))).toThrow(/more than once/)
  })
})
