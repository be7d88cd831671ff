// OpenAI's Files and Batches API: many requests in one file, answered when nothing else is asked.
import { FlocapError } from '../../../base/errors.ts'
import type { Batches } from '../../../batches/batches.ts'
import { BATCH_FILE_SECONDS } from '../../../batches/file-store.ts'
import type { Page } from '../../../batches/page.ts'
import { jsonResponse, parseFields } from '../../body/json.ts'
import { toWebStream } from '../../stream/web-stream.ts'
import type { HttpContext, Surface, SurfaceServices } from '../../surface.ts'
import { renderError } from '../openai/errors.ts'
import { ErrorResponse } from '../openai/schema.ts'
import { receiveUpload } from './receive-upload.ts'
import * as schema from './schema.ts'

const SECONDS_OF_UNIT: Readonly<Record<string, number>> = { h: 3600, d: 24 * 3600 }
const MAX_WINDOW_SECONDS = 30 * 24 * 3600

export function createBatchesSurface(services: SurfaceServices, batches: Batches): Surface {
  return {
    name: 'batches',
    description: "OpenAI's Files and Batches: many requests in one file, answered in bulk.",
    prefix: '/v1',
    owns: (path) => /^\/(?:files|batches)(?:\/|$)/.test(path),
    renderError,
    errorBody: ErrorResponse,
    routes: [
      {
        method: 'POST',
        path: '/files',
        summary: 'Stores a file: lines of a batch, or a picture to be named by its id',
        handle: async (context) => {
          const { maxBodyBytes: maxPictureBytes, bodyIdleMs } = services.settings
          const { maxFileBytes } = batches.limits
          const limits = { maxFileBytes, maxPictureBytes, bodyIdleMs }
          const files = await batches.files()
          return jsonResponse(
            await receiveUpload(context.req.raw, context.get('owner'), files, limits),
          )
        },
        wire: {
          request: schema.UploadForm,
          requestTypes: ['multipart/form-data'],
          response: schema.FileObject,
        },
      },
      {
        method: 'GET',
        path: '/files',
        summary: 'Lists the files of this key',
        handle: async (context) => listFiles(context, batches),
        wire: { response: schema.FileList },
      },
      {
        method: 'GET',
        path: '/files/:id',
        summary: 'Shows one file',
        handle: async (context) =>
          jsonResponse(await (await batches.files()).get(context.get('owner'), idOf(context))),
        wire: { response: schema.FileObject },
      },
      {
        method: 'DELETE',
        path: '/files/:id',
        summary: 'Deletes one file',
        handle: async (context) => {
          const id = idOf(context)
          await (await batches.files()).remove(context.get('owner'), id)
          return jsonResponse({ id, object: 'file', deleted: true } satisfies schema.DeletedFile)
        },
        wire: { response: schema.DeletedFile },
      },
      {
        method: 'GET',
        path: '/files/:id/content',
        summary: 'Gives the content of one file',
        handle: async (context) => {
          const files = await batches.files()
          const [owner, id] = [context.get('owner'), idOf(context)]
          // Nobody would read, and so close, what is opened for the head alone.
          if (context.req.method === 'HEAD') return contentOf(await files.get(owner, id), null)
          const { file, stream } = await files.content(owner, id)
          return contentOf(file, toWebStream(stream))
        },
      },
      {
        method: 'POST',
        path: '/batches',
        summary: 'Makes a batch of the lines in a file',
        handle: async (context) => createBatch(context, services, batches),
        wire: { request: schema.BatchRequest, response: schema.Batch },
      },
      {
        method: 'GET',
        path: '/batches',
        summary: 'Lists the batches of this key',
        handle: async (context) => listBatches(context, batches),
        wire: { response: schema.BatchList },
      },
      {
        method: 'GET',
        path: '/batches/:id',
        summary: 'Shows how far one batch is',
        handle: async (context) =>
          jsonResponse(await batches.get(context.get('owner'), idOf(context))),
        wire: { response: schema.Batch },
      },
      {
        method: 'POST',
        path: '/batches/:id/cancel',
        summary: 'Ends one batch; what was answered stays',
        handle: async (context) =>
          jsonResponse(await batches.cancel(context.get('owner'), idOf(context))),
        wire: { response: schema.Batch },
      },
    ],
  }
}

function contentOf({ bytes }: schema.FileObject, body: ReadableStream | null): Response {
  return new Response(body, {
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(bytes) },
  })
}

function idOf(context: HttpContext): string {
  return context.req.param('id') ?? ''
}

async function listFiles(context: HttpContext, batches: Batches): Promise<Response> {
  const request = parseFields(schema.FilesQuery, context.req.query())
  const files = await batches.files()
  const list: schema.FileList = toList(await files.list(context.get('owner'), request))
  return jsonResponse(list)
}

async function listBatches(context: HttpContext, batches: Batches): Promise<Response> {
  const request = parseFields(schema.BatchesQuery, context.req.query())
  const list: schema.BatchList = toList(await batches.list(context.get('owner'), request))
  return jsonResponse(list)
}

/** As OpenAI's lists are. */
function toList<Item extends { readonly id: string }>({ data, hasMore }: Page<Item>) {
  return {
    object: 'list' as const,
    data: [...data],
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: hasMore,
  }
}

async function createBatch(
  context: HttpContext,
  { captioner }: SurfaceServices,
  batches: Batches,
): Promise<Response> {
  const request = parseFields(schema.BatchRequest, await context.get('readJson')())
  const { completion_window: completionWindow } = request
  const batch = await batches.create(context.get('owner'), {
    inputFileId: request.input_file_id,
    endpoint: request.endpoint,
    completionWindow,
    windowSeconds: windowSeconds(completionWindow),
    model: captioner.model.id,
    metadata: request.metadata ?? null,
    outputExpiresAfter: request.output_expires_after?.seconds ?? BATCH_FILE_SECONDS,
  })
  return jsonResponse(batch)
}

function windowSeconds(text: string): number {
  const [, digits = '', unit = ''] = schema.COMPLETION_WINDOW.exec(text) ?? []
  const seconds = Number(digits) * (SECONDS_OF_UNIT[unit] ?? 0)
  if (seconds <= MAX_WINDOW_SECONDS) return seconds
  throw new FlocapError(
    'invalid_request',
    `Expected at most 30d for completion_window, got ${text}.`,
    {
      subject: 'completion_window',
    },
  )
}
