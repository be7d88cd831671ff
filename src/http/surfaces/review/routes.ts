// The API of `flocap review`, for its page. Pictures are named, never found by a path: only what the
// folder's list has can be asked for.
import { FlocapError } from '../../../base/errors.ts'
import { jsonResponse, parseFields } from '../../body/json.ts'
import type { Surface } from '../../surface.ts'
import { renderError } from '../native/errors.ts'
import * as schema from './schema.ts'

/** Who knows the folder. */
export interface ReviewedFolder {
  readonly folder: string
  readonly tasks: readonly { readonly id: string; readonly title: string }[]
  list(): Promise<readonly schema.ReviewedPicture[]>
  notes(pictures: readonly schema.ReviewedPicture[]): Promise<readonly string[]>
  again(name: string, task: string, signal: AbortSignal): Promise<schema.AgainResponse>
  save(
    changes: readonly schema.Change[],
    step?: string,
  ): Promise<{
    readonly saved: readonly schema.ReviewedPicture[]
    readonly conflicts: readonly { readonly name: string; readonly theirs: string | null }[]
    readonly failed: readonly { readonly name: string; readonly message: string }[]
  }>
  undoable(): Promise<{
    readonly time: string | null
    readonly changes: readonly schema.Change[]
  }>
  lock(names: readonly string[], locked: boolean): Promise<readonly schema.ReviewedPicture[]>
  replace(
    names: readonly string[],
    replacement: { readonly from: string; readonly to: string; readonly regex: boolean },
  ): Promise<readonly schema.Change[]>
  /** WebP for small, JPEG for large. */
  preview(name: string, size: PreviewSize, signal: AbortSignal): Promise<Uint8Array>
}

/** In a list, and to be looked at. */
const PREVIEW_TYPES = { small: 'image/webp', large: 'image/jpeg' } as const
type PreviewSize = keyof typeof PREVIEW_TYPES

/** The address of a preview changes with its picture. */
const PREVIEW_CACHE = 'private, max-age=86400'

export function createReviewSurface(folder: ReviewedFolder): Surface {
  return {
    name: 'review',
    description: 'A captioned folder, for the page of `flocap review`.',
    owns: () => true,
    renderError,
    errorBody: schema.ErrorResponse,
    routes: [
      {
        method: 'GET',
        path: '/api/pictures',
        summary: 'The pictures of the folder, read again',
        handle: async () => {
          const pictures = await folder.list()
          const notes = await folder.notes(pictures)
          return jsonResponse({ folder: folder.folder, notes, tasks: folder.tasks, pictures })
        },
      },
      {
        method: 'GET',
        path: '/api/preview',
        summary: 'A picture, small or large',
        handle: async ({ req }) => {
          const { name = '', size = 'small' } = req.query()
          if (size !== 'small' && size !== 'large') {
            throw new FlocapError(
              'invalid_request',
              `Expected small or large for size, got ${JSON.stringify(size.slice(0, 40))}.`,
            )
          }
          const file = new Uint8Array(await folder.preview(name, size, req.raw.signal))
          return new Response(file, {
            headers: { 'content-type': PREVIEW_TYPES[size], 'cache-control': PREVIEW_CACHE },
          })
        },
      },
      {
        method: 'POST',
        path: '/api/captions',
        summary: 'Saves captions that nobody has changed meanwhile',
        handle: async (context) => {
          const { changes, step } = parseFields(schema.SaveRequest, await context.get('readJson')())
          const result = await folder.save(changes, step)
          const status = result.conflicts.length > 0 ? 409 : result.failed.length > 0 ? 500 : 200
          return jsonResponse(result, status)
        },
      },
      {
        method: 'GET',
        path: '/api/undo',
        summary: 'What would take back the last change of many captions',
        handle: async () => jsonResponse(await folder.undoable()),
      },
      {
        method: 'POST',
        path: '/api/again',
        summary: 'Captions a picture again; nothing is saved',
        handle: async (context) => {
          const { name, task } = parseFields(schema.AgainRequest, await context.get('readJson')())
          return jsonResponse(await folder.again(name, task, context.req.raw.signal))
        },
      },
      {
        method: 'POST',
        path: '/api/locks',
        summary: 'Locks captions, or lets go of them',
        handle: async (context) => {
          const { names, locked } = parseFields(schema.LockRequest, await context.get('readJson')())
          return jsonResponse({ pictures: await folder.lock(names, locked) })
        },
      },
      {
        method: 'POST',
        path: '/api/replacements',
        summary: 'What finding and replacing would change',
        handle: async (context) => {
          const wanted = parseFields(schema.ReplaceRequest, await context.get('readJson')())
          return jsonResponse({ changes: await folder.replace(wanted.names, wanted) })
        },
      },
    ],
  }
}
