import { describe, expect, it } from 'vitest'
import { sortFiles } from './picture-files.ts'

describe('sortFiles', () => {
  it('takes pictures and what does not say what it is', () => {
    const files = [
      new File(['x'], 'a.jpg', { type: 'image/jpeg' }),
      new File(['x'], 'notes.txt', { type: 'text/plain' }),
      new File(['x'], 'b.tif'),
    ]
    const { pictures, refusals } = sortFiles(files)
    expect(pictures.map(({ name }) => name)).toEqual(['a.jpg', 'b.tif'])
    expect(refusals).toEqual(['notes.txt is no picture: its type is text/plain.'])
  })

  it.each([
    [new File(['%PDF'], 'a.pdf', { type: 'application/pdf' }), /a\.pdf is a PDF/],
    [new File([], 'a.png', { type: 'image/png' }), /a\.png is empty/],
    [new File([], 'holiday'), /holiday is empty, or a folder/],
  ])('says why it leaves a file out', (file, reason) => {
    const { pictures, refusals } = sortFiles([file])
    expect(pictures).toEqual([])
    expect(refusals).toHaveLength(1)
    expect(refusals[0]).toMatch(reason)
  })

  it('names what has no name', () => {
    const [pasted] = sortFiles([new File(['x'], '', { type: 'image/png' })]).pictures
    expect(pasted?.name).toBe('image.png')
  })
})
