import { describe, expect, it } from 'vitest'
import { pictureFiles } from './picture-files.ts'

describe('pictureFiles', () => {
  it('takes pictures and what does not say what it is', () => {
    const files = [
      new File(['x'], 'a.jpg', { type: 'image/jpeg' }),
      new File(['x'], 'notes.txt', { type: 'text/plain' }),
      new File(['x'], 'b.tif'),
    ]
    expect(pictureFiles(files).map(({ name }) => name)).toEqual(['a.jpg', 'b.tif'])
  })

  it('names what has no name', () => {
    const [pasted] = pictureFiles([new File(['x'], '', { type: 'image/png' })])
    expect(pasted?.name).toBe('image.png')
  })
})
