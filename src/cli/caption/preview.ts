// `--preview`: the run's contact sheet.
import { extname } from 'node:path'
import { openPictureDrawer } from '../../app/picture-drawer.ts'
import { FlocapError } from '../../base/errors.ts'
import type { Format } from '../../folders/formats/format.ts'
import type { Sheet } from '../../folders/sheet/write-sheet.ts'
import { writeSheet } from '../../folders/sheet/write-sheet.ts'

export interface PreviewOptions {
  /** Pictures of the run. */
  readonly total: number
  readonly formats: readonly Format[]
  /** For the foot of the page. */
  readonly describeEnd: () => string
}

/** @throws FlocapError `invalid_request` for a name that is no page's. */
export function assertPreview(file: string): void {
  if (['.html', '.htm'].includes(extname(file).toLowerCase())) return
  throw new FlocapError(
    'invalid_request',
    `Expected a name that ends in .html for --preview, got ${JSON.stringify(file)}.`,
    { subject: '--preview', hint: 'The preview is a page for a browser: --preview sheet.html' },
  )
}

/** @throws FlocapError as `writeSheet`. */
export async function withPreview<End>(
  path: string | undefined,
  { total, formats, describeEnd }: PreviewOptions,
  work: (sheet: Sheet | undefined) => Promise<End>,
): Promise<End> {
  if (path === undefined) return work(undefined)
  const captions = formats.find(isCaptionFile)
  const drawer = openPictureDrawer()
  try {
    return await writeSheet(
      {
        path,
        total,
        captionFileOf: captions?.fileOf ?? NO_FILE,
        drawThumbnail: async (picture) => drawer.draw(picture, 'thumbnail'),
      },
      work,
      describeEnd,
    )
  } finally {
    await drawer.close()
  }
}

type BesideFormat = Extract<Format, { readonly kind: 'beside' }>

function isCaptionFile(format: Format): format is BesideFormat {
  return format.kind === 'beside' && (format.id === 'txt' || format.id === 'caption')
}

const NO_FILE = (): undefined => undefined
