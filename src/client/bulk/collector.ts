// Captioners that travel nowhere: one answers what is known, the other notes down what is not.
import { createHash } from 'node:crypto'
import { FlocapError } from '../../base/errors.ts'
import { formatBytes } from '../../base/format-bytes.ts'
import type { AheadRun } from '../../caption/ask-ahead.ts'
import type { TasksCaptioner } from '../../caption/captioner.ts'
import type { ModelDescription } from '../../caption/ports.ts'
import { createNativeCaptioner } from '../native-captioner.ts'
import type { LineAnswers } from './line-answers.ts'
import { type PartLimits, renderLine, type Spool } from './spool.ts'

/** What all parts of a run share. */
export interface Asking<Picture> {
  readonly run: AheadRun<Picture>
  readonly model: ModelDescription
  readonly limits: PartLimits
  readonly maxLineBytes: number
  /** Answers to what an earlier run has sent. */
  readonly recovered: LineAnswers
}

/** @param onMissing throws for what is not known */
export function knowingCaptioner(
  { model, maxLineBytes, recovered }: Omit<Asking<unknown>, 'run'>,
  answers: LineAnswers,
  onMissing: (id: string, body: string) => Promise<never>,
): TasksCaptioner {
  return createNativeCaptioner(model, async (body) => {
    const id = createHash('sha256').update(body).digest('hex')
    const known = answers.get(id) ?? recovered.get(id)
    if (known === undefined) {
      assertFits(renderLine(id, body).byteLength, maxLineBytes)
      return onMissing(id, body)
    }
    if ('error' in known) throw known.error
    return known.body
  })
}

export interface Collector<Picture> {
  /**
   * Puts what is to be asked about the picture into the spool.
   * @returns false where it has no room for all of it. @throws FlocapError disk_full
   */
  collect(picture: Picture): Promise<boolean>
}

export function createCollector<Picture>(
  asking: Asking<Picture>,
  answers: LineAnswers,
  spool: Spool,
): Collector<Picture> {
  let fits = true
  const captioner = knowingCaptioner(asking, answers, async (id, body) => {
    if (!spool.ids.has(id) && !spool.add(id, body)) fits = false
    throw new FlocapError('cancelled', 'The answer is awaited.')
  })
  return {
    async collect(picture) {
      fits = true
      await asking.run.ask(picture, captioner)
      await spool.flush()
      return fits
    },
  }
}

function assertFits(bytes: number, most: number): void {
  if (bytes <= most) return
  throw new FlocapError(
    'body_too_large',
    `Expected a request of at most ${formatBytes(most)} for a batch, got ${formatBytes(bytes)} with this picture.`,
    { hint: 'Start the server with a larger --max-body-mb and --batch-file-mb.' },
  )
}
