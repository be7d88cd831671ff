// `flocap review <folder>`: the page on which captions are read and corrected; runs until Ctrl-C.
import { startReview } from '../../app/start-review.ts'
import { FlocapError } from '../../base/errors.ts'
import { toPrintable } from '../../base/printable.ts'
import { abortOnInterrupt } from '../interrupt.ts'

export interface ReviewFlags {
  readonly recursive?: boolean
  readonly port?: string
}

const LAST_PORT = 65_535

export async function review(folder: string, flags: ReviewFlags): Promise<void> {
  const stopped = abortOnInterrupt()
  const app = await startReview({
    folder,
    recursive: flags.recursive ?? false,
    port: parsePort(flags.port ?? '0'),
  })
  console.error(`Reviewing ${app.count} pictures of ${toPrintable(folder)}. Open in a browser:`)
  console.log(app.url)
  console.error('The address holds a secret of this run. Edits are saved at once. Ctrl-C stops.')
  await new Promise<void>((resolve) => {
    if (stopped.aborted) resolve()
    stopped.addEventListener('abort', () => resolve())
  })
  await app.close()
}

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= LAST_PORT) return port
  throw new FlocapError(
    'invalid_setting',
    `Expected a port from 0 to ${LAST_PORT} for --port, got ${JSON.stringify(text)}.`,
    { subject: '--port', hint: '0 chooses a free one.' },
  )
}
