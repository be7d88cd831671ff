// The server as the page sees it: FloCap's own API, with the key where one is asked for.
import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { z } from 'zod'
import type { TaskData } from '../../../src/caption/task-data.ts'
import type { ApiKey } from './api-key.ts'
import { toBase64 } from './base64.ts'
import { Problem, readProblem, toProblem } from './problem.ts'
import * as wire from './wire.ts'

/** One question about a picture. */
export interface Question {
  /** Id of the task. */
  readonly task: string
  readonly input?: string
  /** Pixels of the upright picture. */
  readonly region?: readonly [x1: number, y1: number, x2: number, y2: number]
}

export interface NamedFile {
  readonly name: string
  readonly file: Blob
}

export interface AskHooks {
  readonly signal: AbortSignal
  /** Pieces of the answer to the question at `index`, as they become certain. */
  readonly onText: (index: number, text: string) => void
}

/** Every function rejects with a `Problem`, or with the reason of an aborted signal. */
export interface Server {
  readiness(): Promise<wire.Readiness>
  status(): Promise<wire.Status>
  tasks(): Promise<wire.TaskList>
  /** In the text format of Prometheus. */
  metrics(): Promise<string>
  /** Which models there are, and what is being done with them. */
  models(): Promise<wire.Models>
  /** Each resolves when it has begun; `models` tells how it goes. */
  pullModel(name: string): Promise<wire.Models>
  cancelPull(): Promise<wire.Models>
  switchModel(name: string): Promise<wire.Models>
  /** The newest ones of this key. */
  batches(): Promise<wire.Batches>
  cancelBatch(id: string): Promise<wire.Batch>
  fileContent(id: string): Promise<Blob>
  samples(): Promise<readonly NamedAddress[]>
  fetchSample(sample: NamedAddress): Promise<NamedFile>
  /** One answer for each question, in their order. */
  ask(
    picture: NamedFile,
    questions: readonly Question[],
    settings: wire.RequestSettings,
    hooks: AskHooks,
  ): Promise<wire.Answered>
  /**
   * The picture with what was found drawn on it, as PNG. The model is asked nothing.
   * @param size of the upright picture, as it came with an answer.
   */
  draw(
    picture: NamedFile,
    size: { readonly width: number; readonly height: number },
    found: readonly TaskData[],
  ): Promise<Blob>
  /** The picture as FloCap sees it: a JPEG of at most 1024 pixels. The model is asked nothing. */
  preview(picture: NamedFile): Promise<Blob>
}

export interface NamedAddress {
  readonly name: string
  readonly url: string
}

export interface ServerOptions {
  /** The address that the page was loaded from, with a slash at the end. */
  readonly base: string
  readonly key: Pick<ApiKey, 'read'>
}

/** Where models are managed. */
const MANAGE = 'api/v1/manage'

export function createServer({ base, key }: ServerOptions): Server {
  async function request(path: string, init: RequestInit = {}): Promise<Response> {
    const known = key.read()
    const headers = {
      ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(known === undefined ? {} : { authorization: `Bearer ${known}` }),
    }
    const all = new Headers({ ...headers, ...Object.fromEntries(new Headers(init.headers)) })
    try {
      return await fetch(new URL(path, base), { ...init, headers: all })
    } catch (error) {
      if (init.signal?.aborted) throw error
      throw toProblem(error)
    }
  }

  async function readJson<Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    init?: RequestInit,
  ): Promise<z.output<Schema>> {
    const response = await request(path, init)
    if (!response.ok) throw readProblem(await bodyOf(response), response.status)
    return parse(schema, await bodyOf(response))
  }

  async function postQuestions(
    { name, file }: NamedFile,
    questions: readonly Question[],
    fields: wire.RequestSettings & { readonly stream?: true },
    init: RequestInit,
  ): Promise<Response> {
    const image = { data: await toBase64(file), name }
    const response = await request('api/v1/caption', {
      ...init,
      method: 'POST',
      body: JSON.stringify({ image, tasks: questions, ...fields }),
    })
    if (!response.ok) throw readProblem(await bodyOf(response), response.status)
    return response
  }

  async function postDrawing(file: Blob, fields: object): Promise<Blob> {
    const response = await request('api/v1/draw', {
      method: 'POST',
      body: JSON.stringify({ image: await toBase64(file), ...fields }),
    })
    if (!response.ok) throw readProblem(await bodyOf(response), response.status)
    return response.blob()
  }

  return {
    async readiness() {
      // 503 is an answer here: it says why.
      const response = await request('ready')
      const { data } = wire.ReadyResponse.safeParse(await bodyOf(response))
      if (data === undefined) throw readProblem(undefined, response.status)
      return data
    },
    status: () => readJson(wire.StatusResponse, 'api/v1/status'),
    tasks: () => readJson(wire.TasksResponse, 'api/v1/tasks'),
    async metrics() {
      const response = await request('metrics')
      if (!response.ok) throw readProblem(await bodyOf(response), response.status)
      return response.text()
    },
    models: () => readJson(wire.ModelsResponse, `${MANAGE}/models`),
    pullModel: (model) => readJson(wire.ModelsResponse, `${MANAGE}/pull`, postJson({ model })),
    cancelPull: () => readJson(wire.ModelsResponse, `${MANAGE}/pull`, { method: 'DELETE' }),
    switchModel: (model) => readJson(wire.ModelsResponse, `${MANAGE}/switch`, postJson({ model })),
    batches: () => readJson(wire.BatchList, 'v1/batches'),
    cancelBatch: (id) => readJson(wire.BatchSchema, `v1/batches/${id}/cancel`, { method: 'POST' }),
    async fileContent(id) {
      const response = await request(`v1/files/${id}/content`)
      if (!response.ok) throw readProblem(await bodyOf(response), response.status)
      return response.blob()
    },
    async samples() {
      const paths = await readJson(wire.SampleList, 'samples.json')
      return paths.map((path) => ({
        name: decodeURIComponent(path.slice(path.lastIndexOf('/') + 1)),
        // The server says where it serves them; a proxy may have put the page elsewhere.
        url: new URL(path.replace(/^\//, ''), base).href,
      }))
    },
    async fetchSample({ name, url }) {
      const response = await request(url)
      if (!response.ok) throw readProblem(undefined, response.status)
      return { name, file: await response.blob() }
    },
    async ask(picture, questions, settings, { signal, onText }) {
      const fields = { ...settings, stream: true } as const
      const response = await postQuestions(picture, questions, fields, { signal })
      try {
        return await readAnswers(response, onText)
      } catch (error) {
        if (signal.aborted) throw error
        throw toProblem(error)
      }
    },
    async draw({ file }, { width, height }, found) {
      const answers = found.map((data) => ({ data }))
      return postDrawing(file, { width, height, answers })
    },
    preview: async ({ file }) => postDrawing(file, { format: 'preview' }),
  }
}

function postJson(body: unknown): RequestInit {
  return { method: 'POST', body: JSON.stringify(body) }
}

/** A stream of `answer-delta`, then `answer-end` with everything, or `error`. */
async function readAnswers({ body }: Response, onText: AskHooks['onText']): Promise<wire.Answered> {
  const events = body
    ?.pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader()
  for (;;) {
    const next = await events?.read()
    if (next === undefined || next.done) {
      throw new Problem('unreachable', 'The answer broke off.', { retry: true })
    }
    const data: unknown = JSON.parse(next.value.data)
    if (next.value.event === 'error') throw readProblem(data)
    if (next.value.event === 'answer-delta') {
      const { answer, text } = parse(wire.AnswerDelta, data)
      onText(answer, text)
    }
    if (next.value.event === 'answer-end') {
      const { images, model, demo } = parse(wire.NativeResponse, data)
      const [answered] = images
      if (answered !== undefined) return { ...answered, model, demo }
    }
  }
}

/** Undefined when it is no JSON. */
async function bodyOf(response: Response): Promise<unknown> {
  try {
    const body: unknown = await response.json()
    return body
  } catch {
    return undefined
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const { data, error } = schema.safeParse(value)
  if (error) throw toProblem(error)
  return data
}
