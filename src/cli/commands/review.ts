// `flocap review <folder>`: the page on which captions are read and corrected; runs until Ctrl-C.
import { startReview } from '../../app/start-review.ts'
import { compileTextRules } from '../../caption/rules/text-rules.ts'
import { type Flags, resolveSettings, type Settings } from '../../config/settings.ts'
import type { CaptionSource } from '../../folders/ports.ts'
import { type RuleFlags, toTextRules } from '../caption/options.ts'
import { openSource } from '../caption/open-source.ts'
import { FlocapError } from '../../base/errors.ts'
import { toPrintable } from '../../base/printable.ts'
import { abortOnInterrupt } from '../interrupt.ts'

export interface ReviewFlags extends RuleFlags {
  readonly recursive?: boolean
  readonly port?: string
  readonly server?: string
}

const LAST_PORT = 65_535
const IDLE_SECONDS = 300

export async function review(
  folder: string,
  flags: Omit<Flags, 'port'> & ReviewFlags,
): Promise<void> {
  const stopped = abortOnInterrupt()
  const source = openSourceLate(flags)
  const app = await startReview({
    folder,
    recursive: flags.recursive ?? false,
    port: parsePort(flags.port ?? '0'),
    rules: compileTextRules(toTextRules(flags)),
    source,
  })
  console.error(`Reviewing ${app.count} pictures of ${toPrintable(folder)}. Open in a browser:`)
  for (const note of app.notes) console.error(`Note: ${toPrintable(note)}`)
  console.log(app.url)
  console.error('The address holds a secret of this run. Edits are saved at once. Ctrl-C stops.')
  await new Promise<void>((resolve) => {
    if (stopped.aborted) resolve()
    stopped.addEventListener('abort', () => resolve())
  })
  await app.close()
  await source.close()
}

/** Nothing is looked for, asked or started before a picture is captioned again. */
function openSourceLate(flags: Omit<Flags, 'port'> & ReviewFlags) {
  let opened: ReturnType<typeof openSource> | undefined
  const start: CaptionSource['start'] = async () => {
    try {
      opened ??= openSource(toSettings(flags), flags, 'interactive')
      return await (await opened).start()
    } catch (error) {
      await close()
      throw error
    }
  }
  async function close(): Promise<void> {
    const source = opened
    opened = undefined
    await (await source?.catch(() => undefined))?.close()
  }
  return { start, close }
}

/** The model's memory is given back while a person reads on. */
function toSettings(flags: Omit<Flags, 'port'> & ReviewFlags): Settings {
  const { port: _, ...others } = flags
  const settings = resolveSettings(others, process.env)
  return { ...settings, idleUnload: settings.idleUnload === 0 ? IDLE_SECONDS : settings.idleUnload }
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
