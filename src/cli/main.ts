#!/usr/bin/env node
// The command line: reads arguments and environment, prints, sets the exit code. Nothing below this
// folder touches process.argv, process.env or the terminal.
import { Command, Option } from 'commander'
import { PACKAGE_VERSION } from '../base/version.ts'
import { flagOf, SETTINGS, type SettingName } from '../config/settings.ts'
import { SERVING_NAMES } from '../config/serving-settings.ts'
import { addCaptionOptions, caption } from './commands/caption.ts'
import { serve } from './commands/serve.ts'
import { reportFailure } from './report.ts'

const EXAMPLES = `
Examples:
  flocap                              caption for clients on http://127.0.0.1:5000
  flocap serve --listen --port 8080   the same for other machines, on port 8080
  flocap caption photo.jpg            caption a file and print the text`

/** The settings that a command takes, as options of the table. */
function addSettings(command: Command, names: readonly SettingName[]): Command {
  for (const name of names) {
    const { environment, placeholder, default: value, description } = SETTINGS[name]
    const flags = placeholder === undefined ? flagOf(name) : `${flagOf(name)} <${placeholder}>`
    const shown = String(value) === '' || value === false ? '' : ` Default: ${String(value)}.`
    command.addOption(new Option(flags, `${description}${shown} [${environment}]`))
  }
  return command
}

const program = new Command('flocap')
  .description('Captions images with Florence-2 on this machine.')
  .version(PACKAGE_VERSION, '-V, --version')
  .helpOption('-h, --help', 'Show this help.')
  .helpCommand(false)
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('(flocap --help shows what there is)')

addSettings(
  program.command('serve', { isDefault: true }).description('Serve captioning clients over HTTP.'),
  [
    'port',
    'listen',
    ...SERVING_NAMES,
    'model',
    'precision',
    'threads',
    'answerCacheMb',
    'home',
    'debug',
  ],
).action(serve)

addSettings(
  addCaptionOptions(
    program.command('caption').description('Caption picture files and print the text.'),
  ),
  ['model', 'precision', 'threads', 'home', 'debug'],
).action(caption)

try {
  await program.parseAsync()
} catch (error) {
  reportFailure(error)
  process.exitCode = 1
}
