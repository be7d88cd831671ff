import { describe, expect, it } from 'vitest'
import { historyNotice } from './notice.ts'

describe('what is said of the history', () => {
  it('is where it is kept, and what is not', () => {
    expect(historyNotice({ kind: 'opening', leftOut: [] })).toBe('')
    expect(historyNotice({ kind: 'keeping', leftOut: [] })).toContain('Kept in this browser')
    expect(historyNotice({ kind: 'keeping', leftOut: [1] })).toContain('One picture is beyond')
    expect(historyNotice({ kind: 'keeping', leftOut: [1, 2] })).toContain('2 pictures are beyond')
  })

  it('is that nothing is kept where the browser keeps nothing', () => {
    expect(historyNotice({ kind: 'off', leftOut: [] })).toContain('keeps nothing')
  })
})
