// The options of `flocap caption`: what each is called, and what its value means.
import { type Command, Option } from 'commander'
import { FlocapError } from '../../base/errors.ts'
import { CAPTION_LENGTHS } from '../../caption/rules/length.ts'
import type { Replacement, TextRules } from '../../caption/rules/text-rules.ts'
import type { QuestionOptions } from '../../folders/ask/questions.ts'
import { FORMAT_IDS } from '../../folders/formats/create-formats.ts'
import type { Mode } from '../../folders/run/plan.ts'

/** As commander reads them; texts of replacements are parsed by `toTextRules`. */
export interface CaptionFlags extends Omit<QuestionOptions, 'task'>, RuleFlags {
  readonly task?: string
  readonly json?: boolean
  readonly draw?: string
  readonly preview?: string
  readonly format?: readonly string[]
  readonly sidecar?: string
  readonly out?: string
  readonly names?: 'stem' | 'full'
  readonly xmpName?: boolean
  readonly embed?: boolean
  readonly lines?: boolean
  readonly column?: string
  readonly minScore?: string
  readonly overwrite?: boolean
  readonly append?: boolean
  readonly onlyMissingTask?: boolean
  readonly skipExisting?: boolean
  readonly journal?: boolean
  readonly recursive?: boolean
  readonly from?: string
  readonly exclude?: readonly string[]
  readonly limit?: string
  readonly sample?: string
  readonly watch?: boolean
  readonly watchPoll?: string
  readonly server?: string
  readonly jobs?: string
  readonly dryRun?: boolean
  readonly report?: string
}

export interface RuleFlags extends Omit<TextRules, 'replace' | 'replaceRegex'> {
  readonly replace?: readonly string[]
  readonly replaceRegex?: readonly string[]
}

const EXAMPLES = `
Examples:
  flocap caption photo.jpg
  flocap caption --task od --draw found.png photo.jpg
  flocap caption --task "caption,od,ocr" photo.jpg
  flocap caption --task detect --text "a red car" photo.jpg
  flocap caption --task region_to_category --region "34,160,597,372" photo.jpg
  flocap caption --recursive --format txt ./photos
  flocap caption --format txt --strip-openings --trigger ohwx ./training
  flocap caption --format "hf,jsonl" --task detailed --length normal "photos/**/*.jpg"`

/** Arguments and options of the command, the settings left out. */
export function addCaptionOptions(command: Command): Command {
  addQuestionOptions(command)
  addInputOptions(command)
  addOutputOptions(command)
  addRuleOptions(command)
  return command.addHelpText('after', EXAMPLES)
}

function addQuestionOptions(command: Command): void {
  command
    .argument(
      '[paths...]',
      'Pictures, folders, patterns ("photos/**/*.jpg"), zip and tar files; - reads one picture from standard input.',
    )
    .option('--task <names>', 'Task to run; separate several with commas, chain with +.')
    .option(
      '--text <text>',
      'Input of tasks that take a text: a phrase, caption or question.',
      once('--text', 'Several phrases: --text "a car<and>a house".'),
    )
    .option(
      '--region <box>',
      'Input of tasks that take a region: x1,y1,x2,y2 in pixels or fractions.',
      once('--region', 'Run FloCap once for each region.'),
    )
    .option('--beams <number>', 'Beams of the search; 1 is fastest.')
    .option('--max-tokens <number>', 'Longest answer.')
    .option('--start-with <text>', 'Text that each answer begins with; the model continues it.')
    .option('--ground', 'Locate what a caption names: adds +grounding to each task.')
}

function addInputOptions(command: Command): void {
  command
    .option('-r, --recursive', 'Look into folders inside folders.')
    .option('--from <list>', 'File with a path on each line; - reads the list from standard input.')
    .option('--exclude <pattern>', 'Leave out pictures whose names fit; may be repeated.', collect)
    .option('--limit <number>', 'Caption at most so many pictures.')
    .option('--watch', 'Stay, and caption what appears in the folders; Ctrl-C ends.')
    .option('--watch-poll <seconds>', 'As --watch, looking so often: for network drives.')
    .option('--sample <number>', 'Caption so many, chosen from all over; the same ones each time.')
}

function addOutputOptions(command: Command): void {
  command
    .option('--json', 'Print everything known as JSON, one line a picture.')
    .option('--draw <file>', 'Write the picture with what was found on it: .png or .svg.')
    .option('--preview <file>', 'Write one .html page of small pictures with their captions.')
    .option(
      '--format <names>',
      `Write files: ${FORMAT_IDS.join(', ')}; several with commas.`,
      collect,
    )
    .addOption(new Option('--sidecar <kind>', 'The same as --format.').hideHelp())
    .option('--out <folder>', 'Write there instead of beside the pictures.')
    .addOption(
      new Option('--names <kind>', 'stem: photo.txt for photo.jpg; full: photo.jpg.txt.')
        .choices(['stem', 'full'])
        .default('stem'),
    )
    .option('--xmp-name', 'Write photo.xmp, as Lightroom does, instead of photo.jpg.xmp.')
    .option(
      '--embed',
      'Write alternative text, description and tags into the pictures, by ExifTool.',
    )
    .option('--lines', 'Let text files have a line for each task.')
    .option('--column <name>', 'Column of the caption in metadata.jsonl.', 'text')
    .option('--min-score <number>', 'Leave out findings the model was less sure of, 0 to 1.')
    .option('--skip-existing', 'Skip pictures that have their files (default).')
    .option('--overwrite', 'Replace files that are there; resumes where it was stopped.')
    .option('--append', 'Add the caption to text files that are there.')
    .option('--only-missing-task', 'Ask only tasks that were not asked before; keep the answers.')
    .option('--no-journal', 'Keep no record in .flocap; a stopped run then starts again.')
    .option(
      '--server <url>',
      'Caption with a running FloCap instead of an engine of this command; its key is FLOCAP_API_KEY.',
    )
    .option('--jobs <number>', 'Pictures in flight at once.')
    .option('--dry-run', 'Say what would be done, and do nothing.')
    .option('--report <file>', 'Write what was skipped, failed or left out, with reasons, as JSON.')
}

/** What is done to the text of an answer before it is a caption. */
export function addRuleOptions(command: Command): Command {
  return command
    .option('--strip-openings', "Take away 'The image shows' and the like.")
    .option('--replace <from=to>', 'Replace text in captions; may be repeated.', collect)
    .option('--replace-regex <from=to>', 'The same with a regular expression (RE2, $1).', collect)
    .addOption(
      new Option(
        '--length <kind>',
        'short: a sentence; normal: 300 characters; long; alt: 125 characters. Chooses the task too.',
      ).choices(CAPTION_LENGTHS),
    )
    .option('--prefix <text>', 'Text in front of each caption.')
    .option('--suffix <text>', 'Text behind each caption.')
    .option('--trigger <word>', 'Word that a model is trained on: first, once, with a comma.')
    .option('--trigger-placeholder', 'Write [trigger] there, for ai-toolkit.')
    .addOption(
      new Option('--escape <tool>', 'Escape what the tool would read as a command.').choices([
        'kohya',
      ]),
    )
    .option('--tags', 'Captions are lists of tags: each once, with commas.')
}

/** Of a flag that is given twice the last would win, and the first be lost in silence. */
function once(flag: string, hint: string): (value: string, before?: string) => string {
  return (value, before) => {
    if (before === undefined) return value
    throw new FlocapError('invalid_request', `Expected ${flag} once, got it twice.`, {
      hint,
      subject: flag,
    })
  }
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

export function toTextRules(flags: RuleFlags): TextRules {
  const { stripOpenings, length, prefix, suffix, trigger, triggerPlaceholder, escape, tags } = flags
  return {
    ...(stripOpenings === true ? { stripOpenings } : {}),
    replace: (flags.replace ?? []).map((text) => parseReplacement('--replace', text)),
    replaceRegex: (flags.replaceRegex ?? []).map((text) =>
      parseReplacement('--replace-regex', text),
    ),
    ...(length === undefined ? {} : { length }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(suffix === undefined ? {} : { suffix }),
    ...(trigger === undefined ? {} : { trigger }),
    ...(triggerPlaceholder === true ? { triggerPlaceholder } : {}),
    ...(escape === undefined ? {} : { escape }),
    ...(tags === true ? { tags } : {}),
  }
}

/** `from=to`, divided at the first `=`; `\=` is one that belongs to `from`. */
function parseReplacement(flag: string, text: string): Replacement {
  const divider = text.search(/(?<!\\)=/)
  if (divider < 1) {
    throw new FlocapError('invalid_request', `Expected from=to, got ${JSON.stringify(text)}.`, {
      subject: flag,
      hint: `Write ${flag} "man=person"; "man=" takes the word away.`,
    })
  }
  return {
    from: text.slice(0, divider).replaceAll(String.raw`\=`, '='),
    to: text.slice(divider + 1),
  }
}

/** @throws FlocapError when two of the ways exclude each other. */
export function toMode(flags: CaptionFlags): Mode {
  const chosen: Mode[] = [
    ...(flags.overwrite === true ? (['overwrite'] as const) : []),
    ...(flags.append === true ? (['append'] as const) : []),
    ...(flags.onlyMissingTask === true ? (['only-missing-task'] as const) : []),
    ...(flags.skipExisting === true ? (['skip'] as const) : []),
  ]
  if (chosen.length < 2) return chosen[0] ?? 'skip'
  const names = chosen.map((mode) => `--${mode === 'skip' ? 'skip-existing' : mode}`)
  throw new FlocapError('invalid_request', `${names.join(' and ')} exclude each other.`, {
    subject: names[0] ?? '',
    hint: 'Give one of them.',
  })
}

/** @throws FlocapError for anything else than a number in the range. */
export function parseNumber(
  flag: string,
  text: string | undefined,
  {
    least,
    most,
    whole,
  }: { readonly least: number; readonly most: number; readonly whole: boolean },
): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  const isWrong = text.trim() === '' || !(value >= least && value <= most)
  if (!isWrong && (!whole || Number.isInteger(value))) return value
  const kind = whole ? 'a whole number' : 'a number'
  throw new FlocapError(
    'invalid_request',
    `Expected ${kind} from ${least} to ${most} for ${flag}, got ${JSON.stringify(text)}.`,
    { subject: flag },
  )
}
