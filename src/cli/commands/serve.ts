// `flocap serve`: runs until it is told to stop.
import type { Command } from 'commander'
import { toPrintable } from '../../base/printable.ts'
import { type App, startApp } from '../../app/start-app.ts'
import { type Flags, resolveSettings } from '../../config/settings.ts'
import { createProgressPrinter } from '../progress.ts'

export async function serve(flags: Flags, _command: Command): Promise<void> {
  const settings = resolveSettings(flags, process.env)
  const app = await startApp(settings, { onInstall: createProgressPrinter(settings.model) })
  printBanner(app)
  const isStopping = stopOnSignals(app)
  try {
    await app.ready()
    console.error(`Ready after ${process.uptime().toFixed(1)} s.`)
  } catch (error) {
    // Whoever stops the server stops its download too: that is no failure.
    if (isStopping()) return
    await app.close()
    throw error
  }
}

function printBanner({ urls, accessLines, model, installed }: App): void {
  console.error(`FloCap captions images at ${urls.join(' and ')}`)
  console.error(`Model: ${toPrintable(model.id)}`)
  if (model.demo) {
    console.error('This is a demo model: it knows drawn scenes and nothing else. For photographs:')
    if (installed.length === 0) console.error('  flocap pull base')
    console.error(`  flocap --model ${toPrintable(installed[0] ?? 'base')}`)
  }
  for (const line of accessLines) console.error(line)
  console.error('Press Ctrl-C to stop.')
}

/** The first signal ends in order, the second at once. @returns whether one has come. */
function stopOnSignals(app: App): () => boolean {
  let stopping = false
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1)
    stopping = true
    console.error(`${signal}: finishing what is running. Once more stops at once.`)
    app.close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return () => stopping
}
