import { describe, expect, it } from 'vitest'
import { given, picture, taskAnswer } from './test-support.ts'
import { announce } from './announcement.ts'
import type { Progress } from './session.ts'

const asked = { questions: [{ task: 'caption' }], settings: {} }

function said(progress: Progress): string {
  const answers = [given(taskAnswer('A car.')), given(taskAnswer('Before.'))]
  return announce(picture({ progress, answers }))
}

describe('announce', () => {
  it('says what happens to the picture that is looked at', () => {
    expect(announce(undefined)).toBe('')
    expect(said({ kind: 'waiting', ...asked })).toBe('a.png waits for its turn.')
    expect(said({ kind: 'asking', ...asked, texts: [''] })).toBe('FloCap is looking at a.png.')
  })

  it('says the answers of the last request, not those before', () => {
    expect(said({ kind: 'answered', ...asked })).toBe('A car.')
  })

  it('leaves to an alert what went wrong', () => {
    expect(said({ kind: 'idle' })).toBe('')
  })
})
