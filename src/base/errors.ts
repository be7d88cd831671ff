// The one error family of FloCap and the table of every code it can carry.
//
// Layers throw FlocapError with a code from the table; each HTTP surface and the command line
// render it in their own shape. Nothing below http/ knows a status code.

/** Whether the same request can succeed later: `now` after a hiccup, `later` after a wait. */
export type Retry = 'never' | 'later' | 'now'

interface ErrorKind {
  readonly retry: Retry
  /** What happened, for the reference page; the message of an error says which value it was. */
  readonly meaning: string
}

function kind(retry: Retry, meaning: string): ErrorKind {
  return { retry, meaning }
}

/** Every error code, in the groups a reader looks for them. Codes are public: never rename one. */
export const ERROR_CODES = {
  // the request
  invalid_json: kind('never', 'The request body is not JSON.'),
  invalid_request: kind('never', 'A field of the request has the wrong type or value.'),
  body_too_large: kind('never', 'The request body is larger than the limit.'),
  body_timeout: kind('now', 'The request body stopped arriving.'),
  too_many_headers: kind('never', 'The request has more headers than the limit.'),
  expectation_failed: kind('never', 'The request expects what this server cannot do.'),
  not_found: kind('never', 'No such route.'),
  method_not_allowed: kind('never', 'The route exists, but not for this method.'),
  unauthorized: kind('never', 'An API key is required and was not given or is wrong.'),
  forbidden_host: kind('never', 'The Host header names a host this server does not answer for.'),
  forbidden_origin: kind('never', 'A web page of this origin may not use this server.'),

  // the picture
  missing_image: kind('never', 'The request needs an image and has none.'),
  too_many_images: kind('never', 'The request has more images than the limit.'),
  empty_image_file: kind('never', 'The image has no bytes.'),
  invalid_base64_image: kind('never', 'The image is not valid base64.'),
  invalid_image_url: kind('never', 'The image URL cannot be used.'),
  image_url_not_allowed: kind('never', 'Images are not fetched from this host or port.'),
  image_path_not_allowed: kind('never', 'The path leads to no folder that pictures are read from.'),
  image_address_refused: kind('never', 'The image URL leads into a network that is not public.'),
  image_file_not_found: kind('never', 'There is nothing at the image URL.'),
  image_file_too_large: kind('never', 'The file at the image URL is larger than the limit.'),
  image_download_timeout: kind('later', 'The image took too long to download.'),
  failed_to_download_image: kind('later', 'The image could not be downloaded from its URL.'),
  unsupported_image_format: kind('never', 'The bytes are not an image of a supported format.'),
  invalid_image: kind('never', 'The image is damaged and cannot be decoded.'),
  image_too_large: kind('never', 'The image has more pixels than the limit.'),
  image_rejected: kind('never', 'This image crashed the engine before and is refused for a while.'),

  // the task
  unknown_task: kind('never', 'There is no such task.'),
  invalid_task_input: kind('never', 'The task needs a text or a region that is missing or wrong.'),
  prompt_too_long: kind('never', 'Image and prompt together exceed what the model can read.'),

  // the answer's form
  invalid_schema: kind('never', 'No answer about a picture can fit this JSON schema.'),
  unanswerable: kind('never', 'The schema asks for what a picture does not tell.'),

  // the server
  too_many_connections: kind('later', 'Too many connections are open.'),
  queue_full: kind('later', 'Too many requests are waiting.'),
  queue_timeout: kind('later', 'The request waited too long for its turn.'),
  run_timeout: kind('later', 'Captioning took longer than the limit.'),
  model_loading: kind('later', 'The model is not ready yet.'),
  // Never: the search is deterministic, so the same question gives the same nothing again.
  empty_answer: kind('never', 'The model gave no text for this picture.'),
  empty_caption: kind('never', 'The rules for texts left nothing of the caption.'),
  engine_failed: kind('later', 'The engine process died while it worked on this request.'),
  closed: kind('never', 'The captioner of the library was closed.'),
  cancelled: kind('now', 'The request was cancelled before it was answered.'),
  internal_error: kind('never', 'A fault of FloCap; the log has the details.'),

  // files of the user's own
  file_not_written: kind('never', 'A file could not be written.'),

  // files and batches of a server
  storage_full: kind('never', 'The files of this key have used up their room.'),
  queue_waits: kind('later', 'The queue of batches is away, or has no workers.'),
  batches_elsewhere: kind('later', 'Another FloCap works on the batches of this home folder.'),

  // models over HTTP
  models_forbidden: kind('never', 'Models of this server are not managed from there.'),
  models_busy: kind('later', 'A pull, a switch or a batch is in the way.'),

  // start-up
  invalid_setting: kind('never', 'A setting has a value that cannot be used.'),
  model_not_found: kind('never', 'No model is at this place or has this name.'),
  model_access_denied: kind('never', 'The model is open only to accounts that its owner admits.'),
  model_download_failed: kind('later', 'The model could not be downloaded.'),
  disk_full: kind('never', 'The disk has no room, or takes no writes.'),
  invalid_model: kind('never', 'The model folder is damaged or not a Florence-2 model.'),
  device_unavailable: kind('never', 'The chosen device, its driver or its libraries are missing.'),
  port_in_use: kind('never', 'Another program listens on the port.'),
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof ERROR_CODES

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code)
}

export interface FlocapErrorOptions {
  /** What the reader can do about it, one sentence. */
  readonly hint?: string
  /** The field, file or setting at fault. */
  readonly subject?: string
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds?: number
  readonly cause?: unknown
}

/**
 * An expected failure. `message` says what was expected and what came, in one or two sentences that
 * may be shown to the caller: never a path of the server, a pointer or a stack.
 */
export class FlocapError extends Error {
  override readonly name = 'FlocapError'
  /** What kind of failure it is; never renamed. */
  readonly code: ErrorCode
  /** What the reader can do about it, one sentence. */
  readonly hint: string | undefined
  /** The field, file, option or setting at fault. */
  readonly subject: string | undefined
  /** Seconds after which trying again makes sense, where that is known. */
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, message: string, options: FlocapErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.subject = options.subject
    this.retryAfterSeconds = options.retryAfterSeconds
  }

  /** Whether the same request can succeed later. */
  get retry(): Retry {
    return ERROR_CODES[this.code].retry
  }
}

/** The error as a FlocapError; anything unexpected becomes `internal_error` with its cause kept. */
export function toFlocapError(error: unknown): FlocapError {
  if (error instanceof FlocapError) return error
  if (error instanceof Error && error.name === 'AbortError') {
    return new FlocapError('cancelled', 'The request was cancelled.', { cause: error })
  }
  return new FlocapError(
    'internal_error',
    'FloCap failed on this request. Its log has the details.',
    {
      cause: error,
    },
  )
}
