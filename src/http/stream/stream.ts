// Answers that are sent while they are made.
//
// The status line is held back until the first text or the first sign of life: an error before that
// is an ordinary error answer with its status, later ones are the last event of the stream.
import type { FlocapError } from '../../base/errors.ts'
import { toFlocapError } from '../../base/errors.ts'
import { withAnySignal } from '../../base/with-any-signal.ts'
import { logFailure } from '../log-failure.ts'
import type { HttpContext, SurfaceServices } from '../surface.ts'

/** How a format of streams says that nothing has happened yet. */
export interface StreamFormat {
  readonly contentType: string
  /** Sent after `settings.streamKeepAliveMs` of silence. */
  readonly signOfLife: string
}

export interface StreamPlan extends StreamFormat {
  /** Sent before anything else. */
  readonly opening?: string
  /**
   * Makes the answer: everything passed to `write` is sent, the returned text last. `signal` is
   * aborted with the request, and when the reader goes away.
   */
  readonly work: (write: (text: string) => void, signal: AbortSignal) => Promise<string>
  /** The last event of a stream that fails on the way. */
  readonly renderFailure: (error: FlocapError) => string
}

/** @throws what `work` throws before anything was sent. */
export async function streamAnswer(
  context: HttpContext,
  { settings }: SurfaceServices,
  plan: StreamPlan,
): Promise<Response> {
  const gone = new AbortController()
  const pipe = createPipe(() => gone.abort())
  let opened = false
  let announceOpen: (() => void) | undefined
  const open = new Promise<void>((resolve) => {
    announceOpen = resolve
  })

  const write = (text: string) => {
    if (!opened) {
      opened = true
      pipe.write(plan.opening ?? '')
      announceOpen?.()
    }
    pipe.write(text)
    timer.refresh()
  }
  const timer = setInterval(() => write(plan.signOfLife), settings.streamKeepAliveMs)

  const finished = withAnySignal([context.get('signal'), gone.signal], async (signal) =>
    plan.work(write, signal),
  )
    .then((last) => write(last))
    .catch((thrown: unknown) => {
      if (!opened) throw thrown
      const error = toFlocapError(thrown)
      logFailure(context.get('logger'), error, { path: context.req.path })
      write(plan.renderFailure(error))
    })
    .finally(() => {
      clearInterval(timer)
      pipe.end()
    })

  await Promise.race([open, finished])
  // Nothing can be thrown any more once the stream is open; the promise is watched all the same.
  finished.catch(() => undefined)
  return new Response(pipe.body, {
    headers: {
      'content-type': plan.contentType,
      // nginx would otherwise hold the stream back until it ends.
      'x-accel-buffering': 'no',
    },
  })
}

/** A body that text can be written to; writing after its end or its cancellation does nothing. */
function createPipe(onCancel: () => void) {
  const encoder = new TextEncoder()
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({
    start(started) {
      controller = started
    },
    cancel() {
      controller = undefined
      onCancel()
    },
  })
  return {
    body,
    write(text: string) {
      if (text !== '') controller?.enqueue(encoder.encode(text))
    },
    end() {
      controller?.close()
      controller = undefined
    },
  }
}
