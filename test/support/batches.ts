// Files and batches over a fake captioner, in a folder that is removed when the test ends.
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Batches, type BatchesOptions, createBatches } from '../../src/batches/batches.ts'
import { Batch, FileObject } from '../../src/batches/objects.ts'
import { silentLogger } from '../../src/base/log.ts'
import type { HttpApp } from '../../src/http/app.ts'
import { createLineReader } from '../../src/http/in-process.ts'
import { acquireLock } from '../../src/store/lock.ts'
import { createTestApp, post, type TestHttpOptions } from './http-app.ts'
import { temporaryFolder } from './temporary-folder.ts'

const MB = 1024 * 1024

const TEST_LIMITS = {
  maxStoredBytes: 64 * MB,
  maxFileBytes: 16 * MB,
  maxLines: 1_000,
  maxLineBytes: MB,
}

export interface TestBatchesOptions {
  readonly root?: string
  readonly limits?: Partial<BatchesOptions['limits']>
  readonly notify?: NonNullable<BatchesOptions['notify']>
  readonly metrics?: NonNullable<BatchesOptions['metrics']>
  readonly workers?: number
}

export interface TestBatches {
  readonly app: HttpApp
  readonly batches: Batches
  readonly root: string
}

/** As `startApp` wires them. */
export async function startTestBatches(
  http: TestHttpOptions = {},
  options: TestBatchesOptions = {},
): Promise<TestBatches> {
  const root = options.root ?? join(temporaryFolder(), 'batches')
  const batches = createTestBatches(root, options)
  const app = createTestApp({ ...http, batches })
  await batches.start(createLineReader(app))
  return { app, batches, root }
}

export function createTestBatches(root: string, options: TestBatchesOptions = {}): Batches {
  const batches = createBatches({
    root,
    limits: { ...TEST_LIMITS, ...options.limits },
    workers: options.workers ?? 4,
    logger: silentLogger,
    lock: async (path, hooks) => acquireLock(path, { ...hooks, pollMs: 5 }),
    ...(options.notify === undefined ? {} : { notify: options.notify }),
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
  })
  onTestFinished(async () => batches.close())
  return batches
}

export type Headers = Readonly<Record<string, string>>

/** A form as OpenAI's clients send it. */
export function uploadForm(
  content: string | Uint8Array<ArrayBuffer>,
  fields: Headers = {},
  name = 'in.jsonl',
): FormData {
  const form = new FormData()
  for (const [field, value] of Object.entries({ purpose: 'batch', ...fields })) {
    form.append(field, value)
  }
  form.append('file', new File([content], name))
  return form
}

export async function upload(
  app: HttpApp,
  content: string | Uint8Array<ArrayBuffer>,
  fields: Headers = {},
  headers: Headers = {},
): Promise<FileObject> {
  const body = uploadForm(content, fields)
  const response = await app.request('/v1/files', { method: 'POST', body, headers })
  const answer: unknown = await response.json()
  if (response.status !== 200) throw new Error(JSON.stringify(answer))
  return FileObject.parse(answer)
}

/** Makes a batch of these lines. */
export async function makeBatch(
  app: HttpApp,
  content: string,
  fields: object = {},
  headers: Headers = {},
): Promise<Batch> {
  const { id } = await upload(app, content, {}, headers)
  const request = {
    input_file_id: id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
    ...fields,
  }
  const response = await app.request('/v1/batches', post(request, { ...headers }))
  const answer: unknown = await response.json()
  if (response.status !== 200) throw new Error(JSON.stringify(answer))
  return Batch.parse(answer)
}

async function readBatch(app: HttpApp, id: string, headers: Headers = {}): Promise<Batch> {
  const response = await app.request(`/v1/batches/${id}`, { headers })
  return Batch.parse(await response.json())
}

/** Polls until one of these states is reached. */
export async function untilBatch(
  app: HttpApp,
  id: string,
  isReached: (batch: Batch) => boolean,
  headers: Headers = {},
): Promise<Batch> {
  for (;;) {
    const batch = await readBatch(app, id, headers)
    if (isReached(batch)) return batch
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Its lines, parsed; none for no file. */
export async function readLinesOf(app: HttpApp, fileId: string | null, headers: Headers = {}) {
  if (fileId === null) return []
  const response = await app.request(`/v1/files/${fileId}/content`, { headers })
  const text = await response.text()
  if (!text.endsWith('\n')) throw new Error(`Expected whole lines, got ${text.slice(-100)}`)
  return text
    .trimEnd()
    .split('\n')
    .map((line): OutputLine => JSON.parse(line))
}

export interface OutputLine {
  readonly id: string
  readonly custom_id: string
  readonly response: { readonly status_code: number; readonly body: Record<string, unknown> } | null
  readonly error: { readonly code: string } | null
}
