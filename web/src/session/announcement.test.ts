import { describe, expect, it } from 'vitest'
import { announce } from './announcement.ts'
import type { Picture, Progress } from './session.ts'

const questions = [{ task: 'od' }]

function pictureThatIs(progress: Progress): Picture {
  return { id: 1, name: 'a.png', url: 'blob:a', file: new Blob(), progress }
}

describe('announce', () => {
  it('says what happens to the picture that is looked at', () => {
    expect(announce(undefined)).toBe('')
    expect(announce(pictureThatIs({ kind: 'waiting', questions }))).toBe(
      'a.png waits for its turn.',
    )
    expect(announce(pictureThatIs({ kind: 'asking', questions, texts: [''] }))).toBe(
      'FloCap is looking at a.png.',
    )
  })

  it('leaves to an alert what went wrong', () => {
    expect(announce(pictureThatIs({ kind: 'idle' }))).toBe('')
  })
})
