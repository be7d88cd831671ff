import { describe, expect, it } from 'vitest'
import { PNG_BASE64, PNG_DATA_URL } from '../../../test/support/pictures.ts'
import { splitPictures } from './picture-text.ts'

describe('splitPictures', () => {
  it('leaves a text without pictures as it is', () => {
    for (const text of ['', ' ', 'What is this?', 'Write data:image/png;base64, and the data.']) {
      expect(splitPictures(text, 'f')).toEqual([{ kind: 'text', text }])
    }
  })

  it('cuts pictures out of the text around them', () => {
    expect(splitPictures(`Look: ![a](${PNG_DATA_URL}) and "${PNG_BASE64}".`, 'f')).toEqual([
      { kind: 'text', text: 'Look: ![a](' },
      { kind: 'image', source: PNG_DATA_URL, field: 'f' },
      { kind: 'text', text: ') and "' },
      { kind: 'image', source: PNG_BASE64, field: 'f' },
      { kind: 'text', text: '".' },
    ])
  })

  it('does not take the middle of a word for a picture', () => {
    const text = `x${PNG_BASE64}`
    expect(splitPictures(text, 'f')).toEqual([{ kind: 'text', text }])
  })

  it('takes time in proportion to the text', () => {
    for (const piece of [
      'data:image/',
      'data:image/a;',
      'UklGR',
      'A',
      '/9j/4',
      'data:image/a;b=c',
    ]) {
      // Work that grew with its square would not end within the limit of a test.
      expect(splitPictures(piece.repeat(500_000), 'f').length).toBeGreaterThan(0)
    }
  })
})
