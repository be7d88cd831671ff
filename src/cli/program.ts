// The commands and their options; the reference page is made from the same object.
import { Command, Option } from 'commander'
import { toPrintableLines } from '../base/printable.ts'
import { PACKAGE_VERSION } from '../base/version.ts'
import { SERVING_NAMES } from '../config/serving-settings.ts'
import { type FlagName, flagWithValue, SETTINGS } from '../config/settings.ts'
import { addCaptionOptions, caption } from './commands/caption.ts'
import { doctor } from './commands/doctor.ts'
import { listModels, prune, removeModels, verifyModels } from './commands/models.ts'
import { pull } from './commands/pull.ts'
import { serve } from './commands/serve.ts'

const EXAMPLES = `
Examples:
  flocap                              caption for clients on http://127.0.0.1:5000
  flocap pull base                    fetch a model for photographs
  flocap --model base                 caption with it
  flocap serve --listen --port 8080   for other machines too, on port 8080
  flocap caption photo.jpg            caption a file and print the text
  flocap doctor                       look at this machine and say what to do`

const MODEL = 'short name, owner/name[@revision] on the Hub, or folder'

/** The settings that a command takes, as options of the table. */
function addSettings(command: Command, names: readonly FlagName[]): Command {
  for (const name of names) {
    const { environment, default: value, description } = SETTINGS[name]
    const shown = String(value) === '' || value === false ? '' : ` Default: ${String(value)}.`
    command.addOption(new Option(flagWithValue(name), `${description}${shown} [${environment}]`))
  }
  return command
}

/** A new program each time: commander keeps what it has parsed. */
export function createProgram(): Command {
  const program = new Command('flocap')
    .description('Captions images with Florence-2 on this machine.')
    .version(PACKAGE_VERSION, '-V, --version', 'Print the version.')
    .helpOption('-h, --help', 'Show this help.')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(flocap --help shows what there is)')
    // It names what was written, escape sequences included.
    .configureOutput({ outputError: (text, write) => write(toPrintableLines(text)) })

  addSettings(
    program
      .command('serve', { isDefault: true })
      .description('Serve captioning clients over HTTP.'),
    [
      'port',
      'listen',
      ...SERVING_NAMES,
      'model',
      'device',
      'precision',
      'threads',
      'engines',
      'answerCacheMb',
      'home',
      'offline',
      'log',
      'debug',
    ],
  ).action(serve)

  addSettings(
    addCaptionOptions(
      program.command('caption').description('Caption picture files and print the text.'),
    ),
    ['model', 'device', 'precision', 'threads', 'home', 'offline', 'debug'],
  ).action(caption)

  addSettings(
    program
      .command('pull')
      .description('Fetch a model; goes on where an earlier pull was cut off.')
      .argument('<model>', MODEL)
      .option('--refresh', 'ask whether the branch has moved, even when the model is here'),
    ['home', 'offline', 'debug'],
  ).action(pull)

  addModelCommands(program)

  addSettings(
    program
      .command('doctor')
      .description('Look at this machine, caption a test picture, and say what to do.')
      .option('--json', 'print the findings as JSON'),
    ['port', 'model', 'device', 'precision', 'threads', 'home', 'offline'],
  ).action(doctor)

  return program
}

function addModelCommands(program: Command): void {
  const models = program.command('models').description('See and tidy the models on this machine.')
  addSettings(
    models
      .command('list', { isDefault: true })
      .description('List models: size, origin, compiled forms, disk use.')
      .option('--json', 'print the list as JSON'),
    ['home'],
  ).action(listModels)
  addSettings(
    models
      .command('verify')
      .description('Compare every hash of a model.')
      .argument('<model>', MODEL),
    ['home'],
  ).action(verifyModels)
  addSettings(
    models
      .command('remove')
      .description('Remove a model and what was compiled of it.')
      .argument('<model>', MODEL),
    ['home'],
  ).action(removeModels)
  addSettings(
    models.command('prune').description('Remove compiled forms that no model needs any more.'),
    ['home'],
  ).action(prune)
}
