// Wiring of `flocap review`: a folder, its page, and a server for this machine alone.
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FlocapError } from '../base/errors.ts'
import { openReview } from '../folders/review/open-review.ts'
import { createPreviews } from '../folders/review/previews.ts'
import { createSurfaceApp } from '../http/app.ts'
import { openPage } from '../http/page-files.ts'
import { serveApp } from '../http/server.ts'
import { DEFAULT_HTTP_SETTINGS } from '../http/settings.ts'
import { createReviewSurface } from '../http/surfaces/review/routes.ts'
import { createLogger } from './log.ts'
import { openPictureDrawer } from './picture-drawer.ts'
import { recognisePicture } from './picture-kind.ts'

/** Where the build puts the pages: beside this folder in dist/. */
const PAGE_FOLDER = fileURLToPath(new URL('../web', import.meta.url))
/** No guessing, and short enough for an address. */
const SECRET_BYTES = 24

export interface ReviewApp {
  /** With the secret behind `#`, which browsers do not send and pages of others do not see. */
  readonly url: string
  /** Pictures in the folder. */
  readonly count: number
  close(): Promise<void>
}

export interface StartReviewOptions {
  readonly folder: string
  readonly recursive: boolean
  /** 0 for any free one. */
  readonly port: number
}

/** @throws FlocapError for a folder that cannot be read or has no pictures, and a port in use. */
export async function startReview(options: StartReviewOptions): Promise<ReviewApp> {
  const folder = resolve(options.folder)
  const review = await openReview({
    folder,
    recursive: options.recursive,
    recognise: recognisePicture,
  })
  const { length: count } = await review.list()
  if (count === 0) {
    throw new FlocapError('missing_image', 'There are no pictures in this folder.', {
      subject: options.folder,
      hint: 'Folders inside folders are looked into with --recursive.',
    })
  }
  const page = await openPage({ built: PAGE_FOLDER, document: 'review.html' })
  if (page === undefined) {
    throw new FlocapError('internal_error', 'The page for reviews was not built.', {
      hint: 'npm run build makes it.',
    })
  }
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  const logger = createLogger({ level: 'warn' })
  const settings = { ...DEFAULT_HTTP_SETTINGS, apiKeys: [secret] }
  const drawer = openPictureDrawer(logger)
  const previews = createPreviews(async (picture, size) =>
    drawer.draw(picture, size === 'small' ? 'thumbnail' : 'preview'),
  )
  const surface = createReviewSurface({
    ...review,
    folder,
    preview: async (name, size, signal) => previews(review.find(name), size, signal),
  })
  const server = serveApp(createSurfaceApp({ logger, settings, page }, [surface]), {
    logger,
    settings,
  })
  const close = async (): Promise<void> => {
    await server.close()
    await drawer.close()
  }
  try {
    const [address] = await server.listen(['127.0.0.1'], options.port)
    return { url: `http://127.0.0.1:${address?.port ?? options.port}/#${secret}`, count, close }
  } catch (error) {
    await close()
    throw error
  }
}
