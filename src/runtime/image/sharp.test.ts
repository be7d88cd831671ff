// libvips reads more than FloCap lets in; of what this build of it could, these are examples.
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { sharp } from './sharp.ts'

const PNG_FILE = fileURLToPath(
  new URL('../../../models/flocap-demo/samples/scene-00.png', import.meta.url),
)
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
