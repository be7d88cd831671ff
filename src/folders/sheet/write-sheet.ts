// `--preview`: a contact sheet of a run, as one page that needs nothing else. It is written while the run
// goes on, beside its place, and renamed: thousands of pictures take no more memory than one.
import { open } from 'node:fs/promises'
import { toFlocapError } from '../../base/errors.ts'
import { formatBytes } from '../../base/format-bytes.ts'
import { replaceFileBy } from '../../base/replace-file.ts'
import type { PictureFile } from '../inputs/picture-file.ts'
import { isUnsure, type Outcome } from '../run/outcome.ts'
import { describeSkip } from '../run/tally.ts'
import { readCaption } from '../review/caption-file.ts'
import { type Card, renderCard, type Thumbnail } from './card.ts'
import { renderFoot, renderHead } from './document.ts'

export interface Sheet {
  /** In the order of the files. */
  add(outcome: Outcome): Promise<void>
}

export interface SheetOptions {
  readonly path: string
  /** Pictures of the run. */
  readonly total: number
  /** The file in which a picture's caption stands for people to edit, where a format writes one. */
  readonly captionFileOf: (picture: PictureFile) => string | undefined
  /** A small WebP of the upright picture. @throws FlocapError for bytes that are no picture. */
  readonly drawThumbnail: (picture: Uint8Array) => Promise<Uint8Array>
  /** Of all thumbnails together. */
  readonly maxThumbnailBytes?: number
}

/** Of some 20,000 pictures, before base64; browsers give up on pages of several hundred megabytes. */
const MAX_THUMBNAIL_BYTES = 100_000_000

/**
 * @param work makes the outcomes; a run that ends before its last picture has a sheet of what it did.
 * @param describeEnd what the run came to, for the foot of the page.
 * @throws FlocapError `disk_full` or `file_not_written`, and what `work` throws: the old file stays.
 */
export async function writeSheet<End>(
  options: SheetOptions,
  work: (sheet: Sheet) => Promise<End>,
  describeEnd: () => string,
): Promise<End> {
  const { path, total } = options
  const ends: End[] = []
  await replaceFileBy(path, async (unfinished) => {
    const file = await open(unfinished, 'wx')
    try {
      await file.write(renderHead(total === 1 ? '1 picture' : `${total} pictures`))
      const thumbnails = createThumbnails(options)
      let place = 0
      const add = async (outcome: Outcome): Promise<void> => {
        const card = await toCard(outcome, place, options, thumbnails)
        place += 1
        await file.write(renderCard(card))
      }
      ends.push(await work({ add }))
      await file.write(renderFoot(describeEnd()))
      await file.datasync()
    } finally {
      await file.close()
    }
  })
  return ends[0]!
}

type Thumbnails = (picture: PictureFile) => Promise<Thumbnail>

function createThumbnails({
  drawThumbnail,
  maxThumbnailBytes = MAX_THUMBNAIL_BYTES,
}: SheetOptions): Thumbnails {
  let bytes = 0
  return async (picture) => {
    if (bytes >= maxThumbnailBytes) {
      return `Not shown: the pictures of this page take ${formatBytes(maxThumbnailBytes)} already.`
    }
    try {
      const thumbnail = await drawThumbnail(await picture.read())
      bytes += thumbnail.byteLength
      return thumbnail
    } catch (error) {
      return `Not shown: ${toFlocapError(error).message}`
    }
  }
}

async function toCard(
  outcome: Outcome,
  place: number,
  { captionFileOf }: SheetOptions,
  thumbnails: Thumbnails,
): Promise<Card> {
  const { picture } = outcome
  const { label } = picture
  switch (outcome.kind) {
    case 'captioned':
    case 'empty': {
      const { captioned } = outcome
      return {
        label,
        place,
        thumbnail: await thumbnails(picture),
        ...(captioned === undefined ? {} : { size: captioned }),
        captions: captioned?.captions ?? [],
        answers: captioned?.answers ?? [],
        ...(outcome.kind === 'empty' ? { note: describeEmpty(outcome) } : {}),
      }
    }
    case 'failed': {
      const { message: note } = outcome.error
      const thumbnail = await thumbnails(picture)
      // A picture that cannot be decoded has one reason for both.
      const shown = typeof thumbnail === 'string' ? {} : { thumbnail }
      return { label, place, ...shown, captions: [], answers: [], note, failed: true }
    }
    case 'skipped': {
      const { skip, recall } = outcome
      const known = await recall()
      const captions =
        skip.reason === 'done' ? known?.captions : await readLines(captionFileOf(picture))
      return {
        label,
        place,
        thumbnail: await thumbnails(picture),
        ...(known === undefined ? {} : { size: known }),
        captions: captions ?? [],
        answers: known?.answers ?? [],
        ...(skip.reason === 'done' ? {} : { note: `Kept: ${describeSkip(skip)}.` }),
      }
    }
  }
}

function describeEmpty(outcome: Extract<Outcome, { kind: 'empty' }>): string {
  if (outcome.captioned === undefined) return 'The model gave an empty answer.'
  return isUnsure(outcome) ? 'Nothing found was sure enough.' : 'The model found nothing.'
}

/** What a person reads there now. */
async function readLines(path: string | undefined): Promise<readonly string[]> {
  if (path === undefined) return []
  const { text } = await readCaption(path).catch(() => ({ text: undefined }))
  return text === undefined ? [] : [text]
}
