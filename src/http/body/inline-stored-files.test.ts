import { describe, expect, it } from 'vitest'
import { inlineStoredFiles } from './inline-stored-files.ts'

const ID = 'file-abc'
const DATA = `data:application/octet-stream;base64,${Buffer.from('bytes').toString('base64')}`

async function inline(value: unknown): Promise<unknown> {
  const line = await inlineStoredFiles(JSON.stringify(value), async (id) => {
    if (id !== ID) throw new Error(`asked for ${id}`)
    return Buffer.from('bytes')
  })
  return JSON.parse(line)
}

describe('inlineStoredFiles', () => {
  it('puts the picture where each dialect has its own', async () => {
    expect(await inline({ image: `file:${ID}` })).toEqual({ image: DATA })
    expect(await inline([{ image_url: { url: `file:${ID}` } }])).toEqual([
      { image_url: { url: DATA } },
    ])
    expect(await inline({ type: 'file', file: { file_id: ID } })).toEqual({
      type: 'file',
      file: { file_data: DATA },
    })
    expect(await inline({ type: 'input_image', file_id: ID, detail: 'low' })).toEqual({
      type: 'input_image',
      image_url: DATA,
      detail: 'low',
    })
  })

  it('leaves everything else as it is, byte by byte where no id stands', async () => {
    const line = '{ "text": "a  profile",\t"n": 1e2 }'
    expect(await inlineStoredFiles(line, () => Promise.reject(new Error('asked')))).toBe(line)
    const value = { text: 'about file-abc', path: 'file:///home/file-abc', file_id: null, n: 1 }
    expect(await inline(value)).toEqual(value)
  })
})
