// The commands and their options; the reference page is made from the same object.
import { delimiter } from 'node:path'
import { Command, Option } from 'commander'
import { toPrintableLines } from '../base/printable.ts'
import { nearestNames } from '../base/nearest.ts'
import { PACKAGE_VERSION } from '../base/version.ts'
import { BATCH_NAMES } from '../config/batch-settings.ts'
import { PICTURE_NAMES } from '../config/picture-settings.ts'
import { SERVING_NAMES } from '../config/serving-settings.ts'
import { type FlagName, flagWithValue, SETTINGS } from '../config/settings.ts'
import { addCaptionOptions, addRuleOptions } from './caption/options.ts'
import { cancelBatch, listBatches, showBatch, waitForBatch } from './commands/batches.ts'
import { caption } from './commands/caption.ts'
import { doctor } from './commands/doctor.ts'
import { mcp } from './commands/mcp.ts'
import { listModels, prune, removeModels, verifyModels } from './commands/models.ts'
import { pull } from './commands/pull.ts'
import { review } from './commands/review.ts'
import { serve } from './commands/serve.ts'
import { worker } from './commands/worker.ts'
import { endWithStandardOutput } from './end-with-output.ts'
import { spellCommands } from './invocation.ts'

const EXAMPLES = `
Examples:
  flocap                              Serve clients on http://127.0.0.1:5000.
  flocap pull base                    Download a model for photographs.
  flocap --model base                 Serve with it.
  flocap serve --listen --port 8080   Serve other machines too, on port 8080.
  flocap caption photo.jpg            Caption a file and print the text.
  flocap mcp --mcp-root ./Pictures    Give agents tools to look at pictures (MCP).
  flocap doctor                       Check this machine and say what to do.`

const MODEL = 'Short name, owner/name[@revision] on the Hub, or folder.'

/** The settings that a command takes, as options of the table. */
function addSettings(command: Command, names: readonly FlagName[]): Command {
  for (const name of names) {
    const { environment, default: value, description, repeatable } = SETTINGS[name]
    const shown = String(value) === '' || value === false ? '' : ` Default: ${String(value)}.`
    const option = new Option(flagWithValue(name), `${description}${shown} [${environment}]`)
    if (repeatable) option.argParser(joinAsInPath)
    command.addOption(option)
  }
  return command
}

function joinAsInPath(value: string, before: string | undefined): string {
  return before === undefined ? value : `${before}${delimiter}${value}`
}

/** What computes, and how. */
const MODEL_NAMES = [
  'model',
  'adapter',
  'device',
  'precision',
  'threads',
] as const satisfies readonly FlagName[]

/** A new program each time: commander keeps what it has parsed. */
export function createProgram(): Command {
  const program = new Command('flocap')
    .description('Captions images with Florence-2 on this machine.')
    .version(PACKAGE_VERSION, '-v, --version', 'Print the version.')
    .helpOption('-h, --help', 'Show this help.')
    .helpCommand('help [command]', 'Show the help of a command.')
    .addHelpText('after', EXAMPLES)
    // It names what was written, escape sequences included.
    .configureOutput({ outputError: (text, write) => write(toPrintableLines(text)) })

  addSettings(
    refuseUnknownCommands(program.command('serve', { isDefault: true })).description(
      'Serve captioning clients over HTTP.',
    ),
    [
      'port',
      'listen',
      ...SERVING_NAMES,
      ...BATCH_NAMES,
      ...PICTURE_NAMES,
      ...MODEL_NAMES,
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
    [...MODEL_NAMES, ...PICTURE_NAMES, 'home', 'offline', 'debug'],
  ).action(caption)

  addSettings(
    program
      .command('worker')
      .description('Answer lines of batches that servers elsewhere give to a queue.'),
    [
      'queue',
      'allowImageUrls',
      'task',
      'prompts',
      'unanswerable',
      'maxBodyMb',
      'maxImages',
      ...MODEL_NAMES,
      'engines',
      'answerCacheMb',
      'engineTimeout',
      'engineMemoryMb',
      'idleUnload',
      ...PICTURE_NAMES,
      'home',
      'offline',
      'log',
      'debug',
    ],
  ).action(worker)

  addSettings(
    program
      .command('mcp')
      .description('Give agents eyes: an MCP server on standard input and output.')
      .option(
        '--server <url>',
        'Let the FloCap at this address do the work; its key is in FLOCAP_API_KEY.',
      ),
    [
      'mcpRoot',
      'allowImageUrls',
      'proxyResolves',
      'maxBodyMb',
      'maxQueue',
      'loadWait',
      ...MODEL_NAMES,
      'engines',
      'idleUnload',
      ...PICTURE_NAMES,
      'home',
      'offline',
      'log',
      'debug',
    ],
  ).action(mcp)

  addSettings(
    program
      .command('pull')
      .description('Download a model or an adapter; resumes interrupted downloads.')
      .argument('<model>', MODEL)
      .option(
        '--refresh',
        'Check for a newer commit of the branch, even if the model is installed.',
      ),
    ['home', 'offline', 'debug'],
  ).action(pull)

  addSettings(
    addRuleOptions(
      program
        .command('review')
        .description('Read and correct the captions of a folder on a page of this machine.')
        .argument('<folder>', 'Folder of pictures with captions beside them.')
        .option('-r, --recursive', 'Also the folders inside the folder.')
        .option('--port <number>', 'Port to listen on. Default: a free one.')
        .option(
          '--server <url>',
          'Let the FloCap at this address caption again; its key is in FLOCAP_API_KEY.',
        ),
    ),
    [...MODEL_NAMES, ...PICTURE_NAMES, 'home', 'offline', 'debug'],
  ).action(review)

  addModelCommands(program)
  addBatchCommands(program)

  addSettings(
    program
      .command('doctor')
      .description('Check this machine, caption a test picture, and say what to do.')
      .option('--json', 'Print the findings as JSON.'),
    ['port', ...MODEL_NAMES, 'home', 'offline'],
  ).action(doctor)

  // `caption` finishes what it is writing first, and looks after its output itself.
  program.hook('preAction', (_program, command) => {
    if (command.name() !== 'caption') endWithStandardOutput()
  })
  finish(program)
  return program
}

/** What all commands share, those inside others included. */
function finish(command: Command): void {
  command.showHelpAfterError(spellCommands(`Run '${pathOf(command)} --help' for usage.`))
  command.helpOption('-h, --help', 'Show this help.')
  for (const each of command.commands) finish(each)
}

function pathOf(command: Command): string {
  const { parent } = command
  return parent === null ? command.name() : `${pathOf(parent)} ${command.name()}`
}

/**
 * A command that stands for its parent gets every word that is no command's name: `flocap serv` is
 * `flocap serve serv`.
 */
function refuseUnknownCommands(command: Command): Command {
  return command.allowExcessArguments().hook('preAction', (_self, { args: [word], parent }) => {
    if (word === undefined || parent === null) return
    const [nearest] = nearestNames(
      word,
      parent.commands.map((each) => each.name()),
    )
    const suggestion = nearest === undefined ? '' : ` Did you mean '${pathOf(parent)} ${nearest}'?`
    parent.error(`error: Unknown command '${word}'.${spellCommands(suggestion)}`)
  })
}

function addModelCommands(program: Command): void {
  const models = program
    .command('models')
    .helpCommand(false)
    .description('List, verify and remove the models on this machine.')
  addSettings(
    refuseUnknownCommands(models.command('list', { isDefault: true }))
      .description('List models: size, origin, compiled forms, disk use.')
      .option('--json', 'Print the list as JSON.'),
    ['home'],
  ).action(listModels)
  addSettings(
    models
      .command('verify')
      .description('Check every file of a model against its hash.')
      .argument('<model>', MODEL),
    ['home'],
  ).action(verifyModels)
  addSettings(
    models
      .command('remove')
      .description('Remove a model and its compiled forms.')
      .argument('<model>', MODEL),
    ['home'],
  ).action(removeModels)
  addSettings(models.command('prune').description('Remove compiled forms whose model is gone.'), [
    'home',
  ]).action(prune)
}

function addBatchCommands(program: Command): void {
  const batches = program
    .command('batches')
    .helpCommand(false)
    .description('List, show, cancel and await the batches of a running FloCap.')
  const add = (command: Command): Command =>
    command.addOption(
      new Option(
        '--server <url>',
        'Address of the FloCap; its key is in FLOCAP_API_KEY. Default: http://127.0.0.1:5000.',
      ).default('http://127.0.0.1:5000'),
    )
  add(refuseUnknownCommands(batches.command('list', { isDefault: true })))
    .description('List batches, the newest first: status and progress.')
    .option('--json', 'Print the list as JSON.')
    .action(listBatches)
  add(batches.command('show').argument('<batch>', 'Id of a batch.'))
    .description('Print one batch as JSON.')
    .action(showBatch)
  add(batches.command('cancel').argument('<batch>', 'Id of a batch.'))
    .description('Cancel one batch; what was answered stays.')
    .action(cancelBatch)
  add(batches.command('wait').argument('<batch>', 'Id of a batch.'))
    .description('Wait until one batch has ended; the exit code is 0 when it is completed.')
    .action(waitForBatch)
}
