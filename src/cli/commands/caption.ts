// `flocap caption <paths...>`: captions to standard output, without a server.
import { type Command, Option } from 'commander'
import { startLocalCaptioner } from '../../app/start-app.ts'
import { DEFAULT_TASK } from '../../caption/tasks.ts'
import { type Flags, resolveSettings } from '../../config/settings.ts'
import { answerQuestions } from '../caption/answer.ts'
import { assertDrawing, writeDrawing } from '../caption/drawing.ts'
import { findPictures, readPicture } from '../caption/picture-files.ts'
import { createPrinter } from '../caption/print.ts'
import { parseQuestions, type QuestionOptions } from '../caption/questions.ts'
import {
  createSidecars,
  SIDECAR_KINDS,
  type SidecarKind,
  type Sidecars,
} from '../caption/sidecar.ts'
import { createProgressPrinter } from '../progress.ts'
import { reportFailure } from '../report.ts'

interface CaptionOptions extends QuestionOptions {
  readonly json?: boolean
  readonly draw?: string
  readonly sidecar?: SidecarKind
  readonly overwrite?: boolean
  readonly recursive?: boolean
}

const EXAMPLES = `
Examples:
  flocap caption photo.jpg
  flocap caption --task od --draw found.png photo.jpg
  flocap caption --task caption,od,ocr photo.jpg
  flocap caption --task caption+grounding photo.jpg
  flocap caption --task detect --text "a red car" photo.jpg
  flocap caption --task region_to_category --region 34,160,597,372 photo.jpg
  flocap caption --recursive --sidecar txt ./photos`

/** Arguments and options of the command, the settings left out. */
export function addCaptionOptions(command: Command): Command {
  return command
    .argument('<paths...>', 'picture files and folders of them; - reads one from standard input')
    .option('--task <names>', 'what to ask, several with commas, chains with +', DEFAULT_TASK)
    .option('--text <text>', 'for tasks that take a text: a phrase, caption or question')
    .option('--region <box>', 'for tasks that take a region: x1,y1,x2,y2 in pixels or fractions')
    .option('--beams <number>', 'answers kept in the search; 1 is fastest')
    .option('--max-tokens <number>', 'longest answer')
    .option('--ground', 'locate what a caption names: +grounding behind each task')
    .option('--json', 'print everything known as JSON, one line an answer')
    .option('--draw <file>', 'write the picture with what was found on it: .png or .svg')
    .addOption(
      new Option('--sidecar <kind>', 'write photo.<kind> beside each photo').choices(SIDECAR_KINDS),
    )
    .option('--overwrite', 'write sidecars anew; without it pictures that have one are skipped')
    .option('--recursive', 'look into folders inside folders')
    .addHelpText('after', EXAMPLES)
}

export async function caption(
  paths: readonly string[],
  options: Flags & CaptionOptions,
): Promise<void> {
  const { task, text, region, beams, maxTokens, ground, ...others } = options
  const { json = false, draw, sidecar, overwrite = false, recursive = false, ...flags } = others
  const questions = parseQuestions({ task, text, region, beams, maxTokens, ground })
  const found = await findAll(paths, recursive)
  if (draw !== undefined) assertDrawing(draw, found, questions)
  const sidecars = sidecar === undefined ? undefined : createSidecars(sidecar, found)
  const files = sidecars && !overwrite ? await withoutCaptioned(found, sidecars) : found
  if (files.length === 0) return

  const settings = resolveSettings(flags, process.env)
  const local = await startLocalCaptioner(settings, {
    onInstall: createProgressPrinter(settings.model),
  })
  const { captioner, engine } = local
  if (captioner.model.demo) {
    console.error('flocap: answers of the demo model, which knows drawn scenes and nothing else')
  }
  const print = createPrinter({
    json,
    namesFile: found.length > 1,
    namesTask: questions.length > 1,
  })
  try {
    for (const file of files) {
      await goOn(file, async () => {
        const picture = await readPicture(file)
        const answers = await answerQuestions(captioner, picture, questions)
        print(file, answers)
        await sidecars?.write(file, answers)
        if (draw !== undefined) {
          await writeDrawing(draw, picture, answers, async (bytes, svg) =>
            engine.draw(bytes, svg, { applyOrientation: true, background: settings.background }),
          )
        }
      })
    }
  } finally {
    await local.close()
  }
}

/** One bad file does not lose the others. */
async function goOn(subject: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    reportFailure(error, subject)
    process.exitCode = 1
  }
}

async function findAll(paths: readonly string[], recursive: boolean): Promise<readonly string[]> {
  const found: string[] = []
  for (const path of paths) {
    await goOn(path, async () => {
      found.push(...(await findPictures(path, { recursive })))
    })
  }
  return found
}

async function withoutCaptioned(
  files: readonly string[],
  sidecars: Sidecars,
): Promise<readonly string[]> {
  const left: string[] = []
  for (const file of files) if (!(await sidecars.exists(file))) left.push(file)
  const skipped = files.length - left.length
  if (skipped > 0) {
    console.error(`flocap: ${skipped} skipped that have captions; --overwrite writes them anew`)
  }
  return left
}
