// Wiring of `flocap review`: a folder, its page, and a server for this machine alone.
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FlocapError } from '../base/errors.ts'
import type { TextRule } from '../caption/rules/text-rules.ts'
import type { CaptionSource } from '../folders/ports.ts'
import { CAPTION_TASKS, createCaptionAgain } from '../folders/review/caption-again.ts'
import { describeFolder } from '../folders/review/notes.ts'
import { openReview } from '../folders/review/open-review.ts'
import { announceReview } from '../folders/review/presence.ts'
import { createPreviews } from '../folders/review/previews.ts'
import { createSurfaceApp } from '../http/app.ts'
import { openPage } from '../http/page-files.ts'
import { serveApp } from '../http/server.ts'
import { DEFAULT_HTTP_SETTINGS } from '../http/settings.ts'
import { createReviewSurface, type ReviewedFolder } from '../http/surfaces/review/routes.ts'
import { createLogger } from './log.ts'
import { openPictureDrawer } from './picture-drawer.ts'
import { recognisePicture } from './picture-kind.ts'

/** Where the build puts the pages: beside this folder in dist/. */
const PAGE_FOLDER = fileURLToPath(new URL('../web', import.meta.url))
/** No guessing, and short enough for an address. */
const SECRET_BYTES = 24
/** A page that is opened at once shows what the start has read: thousands of files are not read twice. */
const FRESH_MS = 30_000

export interface ReviewApp {
  /** With the secret behind `#`, which browsers do not send and pages of others do not see. */
  readonly url: string
  /** Pictures in the folder. */
  readonly count: number
  /** What a person should know of it, in sentences. */
  readonly notes: readonly string[]
  close(): Promise<void>
}

export interface StartReviewOptions {
  readonly folder: string
  readonly recursive: boolean
  /** 0 for any free one. */
  readonly port: number
  /** Who captions pictures again, started when that is asked for. */
  readonly source: Pick<CaptionSource, 'start'>
  /** What is done to its captions. */
  readonly rules: readonly TextRule[]
}

/** @throws FlocapError for a folder that cannot be read or has no pictures, and a port in use. */
export async function startReview(options: StartReviewOptions): Promise<ReviewApp> {
  const folder = resolve(options.folder)
  const review = await openReview({
    folder,
    recursive: options.recursive,
    recognise: recognisePicture,
  })
  const pictures = await review.list()
  if (pictures.length === 0) {
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
  const presence = await announceReview(folder)
  const notes: ReviewedFolder['notes'] = async (looked) => {
    const missing = looked.filter(({ caption }) => caption === null).length
    return describeFolder({ folder, presence, missing })
  }
  const again = createCaptionAgain(options)
  const surface = createReviewSurface({
    ...review,
    list: onceFresh(pictures, async () => review.list()),
    folder,
    tasks: CAPTION_TASKS,
    notes,
    again: async (name, task, signal) => again(review.find(name), task, signal),
    preview: async (name, size, signal) => previews(review.find(name), size, signal),
  })
  const server = serveApp(createSurfaceApp({ logger, settings, page }, [surface]), {
    logger,
    settings,
  })
  const close = async (): Promise<void> => {
    await server.close()
    await drawer.close()
    await presence.leave()
  }
  try {
    const [address] = await server.listen(['127.0.0.1'], options.port)
    return {
      url: `http://127.0.0.1:${address?.port ?? options.port}/#${secret}`,
      count: pictures.length,
      notes: await notes(pictures),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The first call gets `first` while it is fresh; every other one reads again. */
function onceFresh<Value>(first: Value, read: () => Promise<Value>): () => Promise<Value> {
  const until = performance.now() + FRESH_MS
  let known: Value | undefined = first
  return async () => {
    const value = known
    known = undefined
    return value === undefined || performance.now() > until ? read() : value
  }
}
