// libvips reads more than FloCap lets in; of what this build of it could, these are examples.
import { describe, expect, it } from 'vitest'
import { samplePath } from '../../../test/support/samples.ts'
import { sharp } from './sharp.ts'

const PNG_FILE = samplePath('scene-00.png')
/** One pixel. FloCap has a decoder of its own for GIF. */
const GIF = Buffer.from('R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=', 'base64')

describe('sharp', () => {
  it('opens no format but those that are decoded with it', async () => {
    await expect(sharp(GIF).metadata()).rejects.toThrow(/unsupported|blocked/i)
  })

  it('opens nothing by a path, not even a picture', async () => {
    await expect(sharp(PNG_FILE).metadata()).rejects.toThrow(/unsupported|blocked/i)
  })
})
