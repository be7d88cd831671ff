// An engine process: compiles the model where needed, loads it, and answers requests over IPC.
//
// ONNX Runtime blocks its thread while a graph runs, and picture decoders are where hostile files do
// harm; both happen here, so that the process that speaks HTTP stays responsive and survives.
import { writeSync } from 'node:fs'
import { recordErrors, toErrorRecord } from '../base/error-record.ts'
import { toFlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { keepThreadPoolAwake } from '../base/thread-pool.ts'
import type { VisionModel } from '../caption/ports.ts'
import { compileModel } from '../compiler/compile.ts'
import { assertDevice } from '../runtime/device.ts'
import { createFlorence2 } from '../runtime/florence2.ts'
import { renderAnnotated } from '../runtime/image/annotate.ts'
import { decodePicture } from '../runtime/image/decode/decode.ts'
import { DEFAULT_PICTURE_LIMITS, type PictureLimits } from '../runtime/image/decode/limits.ts'
import { MemoryFailure } from '../runtime/image/decode/memory.ts'
import { DeviceFailure } from '../runtime/session.ts'
import { createLaboratory } from './laboratory.ts'
import {
  type FromEngine,
  type LoadOptions,
  type LogLevel,
  type PicturesOnly,
  STATUS_INTERVAL_MS,
  type ToEngine,
  toWireError,
} from './protocol.ts'
import { describeUnloaded } from './unloaded.ts'

/** Exit code, for the log. */
const CANNOT_GO_ON = 3
/** The level of an error in the lines that app/log.ts writes. */
const PINO_ERROR = 50

keepThreadPoolAwake()

let model: VisionModel | undefined
/** Of pictures, as the server said when it had the model loaded. */
let limits: PictureLimits = DEFAULT_PICTURE_LIMITS
const running = new Map<number, AbortController>()

function send(message: FromEngine): void {
  // Nobody listens any more once the server is gone; `disconnect` then ends this process.
  if (process.connected) process.send?.(message)
}

function logger(bound: Readonly<Record<string, unknown>> = {}): Logger {
  const write =
    (level: LogLevel): Logger[LogLevel] =>
    (fields, message) =>
      send({ type: 'log', level, fields: recordErrors({ ...bound, ...fields }), message })
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => logger({ ...bound, ...fields }),
  }
}

async function load(options: LoadOptions | PicturesOnly): Promise<void> {
  limits = { ...DEFAULT_PICTURE_LIMITS, maxPixels: options.maxPixels }
  if (options.source === undefined) {
    send({ type: 'ready', description: describeUnloaded({}) })
    return
  }
  try {
    const { modelId: id, demo, threads, device, form, encodedBytes } = options
    assertDevice(device)
    await compileModel(options.source, options.compiled, {
      ...(options.adapter === undefined ? {} : { adapter: options.adapter }),
      log: logger(),
      ...form,
      knownHashes: options.knownHashes,
      laboratory: createLaboratory(threads),
      onProgress: (fraction) => send({ type: 'loading', progress: { stage: 'compile', fraction } }),
    })
    send({ type: 'loading', progress: { stage: 'load', fraction: undefined } })
    const loaded = await createFlorence2(options.compiled, {
      id,
      demo,
      threads,
      device,
      limits,
      ...(encodedBytes === undefined ? {} : { encodedBytes }),
    })
    model = loaded
    send({ type: 'ready', description: loaded.description })
  } catch (error) {
    send({ type: 'load-failed', error: toWireError(toFlocapError(error)) })
  }
}

async function answer({ id, request }: Extract<ToEngine, { type: 'answer' }>): Promise<void> {
  const controller = new AbortController()
  running.set(id, controller)
  try {
    if (!model) throw new Error('asked before the model was loaded')
    const result = await model.answer(request, {
      signal: controller.signal,
      onText: (query, text) => send({ type: 'text', id, query, text }),
    })
    send({ type: 'answered', id, answer: result })
  } catch (error) {
    refuse(id, error)
  } finally {
    running.delete(id)
  }
}

function refuse(id: number, error: unknown): void {
  if (error instanceof DeviceFailure || error instanceof MemoryFailure) {
    // A new process finds the device well again, or memory, and is asked once more.
    writeLastLine(error)
    process.exit(CANNOT_GO_ON)
  }
  send({ type: 'refused', id, error: toWireError(toFlocapError(error)) })
}

/** Written here and at once: what is sent to the server would be lost with the process. */
function writeLastLine(error: Error): void {
  const line = { level: PINO_ERROR, part: 'engine', err: toErrorRecord(error), msg: error.message }
  writeSync(process.stderr.fd, `${JSON.stringify(line)}\n`)
}

async function draw({
  id,
  picture,
  overlay,
  view,
  form,
}: Extract<ToEngine, { type: 'draw' }>): Promise<void> {
  try {
    const decoded = await decodePicture(picture, { ...view, limits })
    send({ type: 'drawn', id, file: await renderAnnotated(decoded, overlay, form) })
  } catch (error) {
    refuse(id, error)
  }
}

async function look({ id, request }: Extract<ToEngine, { type: 'look' }>): Promise<void> {
  try {
    if (!model) throw new Error('asked before the model was loaded')
    send({ type: 'looked', id, look: await model.look(request) })
  } catch (error) {
    refuse(id, error)
  }
}

async function close(): Promise<void> {
  for (const controller of running.values()) controller.abort()
  await model?.close()
  process.disconnect()
}

process.on('message', (message: ToEngine) => {
  switch (message.type) {
    case 'load':
      void load(message.options)
      break
    case 'answer':
      void answer(message)
      break
    case 'draw':
      void draw(message)
      break
    case 'look':
      void look(message)
      break
    case 'cancel':
      running.get(message.id)?.abort()
      break
    case 'close':
      void close()
      break
  }
})

setInterval(() => {
  send({ type: 'status', residentBytes: process.memoryUsage.rss() })
}, STATUS_INTERVAL_MS).unref()

// The terminal sends Ctrl-C to the whole group; the server decides when an engine ends.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
process.on('SIGHUP', () => undefined)
process.on('disconnect', () => process.exit())
