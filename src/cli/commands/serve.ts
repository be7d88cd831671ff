// `flocap serve`: runs until it is told to stop.
import type { Command } from 'commander'
import { toPrintable } from '../../base/printable.ts'
import type { AutoReason } from '../../app/model-source.ts'
import { type App, startApp } from '../../app/start-app.ts'
import { type Flags, resolveSettings } from '../../config/settings.ts'
import { serveCommand, spell } from '../invocation.ts'
import { reportFailure } from '../report.ts'
import { startOptions } from '../start-options.ts'

export async function serve(flags: Flags, _command: Command): Promise<void> {
  const settings = resolveSettings(flags, process.env)
  const app = await startApp(settings, {
    ...startOptions(),
    serveCommand: serveCommand(),
  })
  printBanner(app)
  const isStopping = stopOnSignals(app)
  try {
    await app.ready()
    console.error(`Ready after ${process.uptime().toFixed(1)} s.`)
  } catch (error) {
    // Whoever stops the server stops its download too: that is no failure.
    if (isStopping()) return
    await keepServing(app, error, isStopping)
  }
}

/** A model that may come yet keeps the server up: its page and /ready say what is wrong. */
async function keepServing(app: App, error: unknown, isStopping: () => boolean): Promise<void> {
  if (!app.keepsTrying(error)) {
    await app.close()
    throw error
  }
  reportFailure(error)
  console.error('  The server stays up, answers with this error, and keeps trying.')
  try {
    await app.eventuallyReady()
    console.error(`Ready after ${process.uptime().toFixed(1)} s.`)
  } catch (later) {
    if (isStopping()) return
    await app.close()
    throw later
  }
}

function printBanner({ urls, accessLines, model, reason, installed }: App): void {
  console.error(`FloCap captions images at ${urls.join(' and ')}`)
  console.error(`Model: ${toPrintable(model.id)}${reason === undefined ? '' : REASONS[reason]}`)
  if (model.demo) {
    console.error('This is a demo model, which only recognises drawn scenes. For photographs:')
    if (installed.length === 0) console.error(`  ${spell('pull base')}`)
    console.error(`  ${spell(`--model ${toPrintable(installed[0] ?? 'base')}`)}`)
  }
  for (const line of accessLines) console.error(line)
  console.error('Press Ctrl-C to stop.')
}

/** Behind the model's name, where none was asked for. */
const REASONS: Readonly<Record<AutoReason, string>> = {
  'named last': ' (the one you chose last; --model chooses another)',
  'the only one installed': ' (the only one installed)',
  preferred: ' (of several that are installed; --model chooses another)',
  'none installed': '',
  unclear: ' (several others are installed; --model chooses one)',
}

/** The first signal ends in order, the second at once. @returns whether one has come. */
function stopOnSignals(app: App): () => boolean {
  let stopping = false
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1)
    stopping = true
    console.error(`${signal}: finishing what is running. A second one stops at once.`)
    app.close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  // A terminal that is closed, a session that ends.
  process.on('SIGHUP', stop)
  return () => stopping
}
