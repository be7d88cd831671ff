// `flocap caption <files...>`: answers to standard output, one line each, without a server.
import { readFile, writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { type LocalCaptioner, startLocalCaptioner } from '../../app/start-app.ts'
import { FlocapError } from '../../base/errors.ts'
import type { CaptionResult, TaskRequest } from '../../caption/captioner.ts'
import { captionAndGround, type CaptionTaskId } from '../../caption/cascades.ts'
import { renderOverlay } from '../../caption/overlay.ts'
import type { GenerationOptions } from '../../caption/ports.ts'
import type { Region } from '../../caption/region.ts'
import { findTask, type TaskId, TASKS } from '../../caption/tasks.ts'
import { type Flags, resolveSettings } from '../../config/settings.ts'
import { reportFailure } from '../report.ts'

const STANDARD_INPUT = '-'

export interface CaptionFlags extends Flags {
  /** One task or several with commas between. */
  readonly task: string
  readonly text?: string
  readonly region?: string
  readonly beams?: string
  readonly maxTokens?: string
  /** Locate what the caption names. */
  readonly ground?: boolean
  /** `.svg` or `.png` */
  readonly draw?: string
  readonly json?: boolean
}

export async function caption(files: readonly string[], flags: CaptionFlags): Promise<void> {
  const { task: names, beams, maxTokens, draw, ground, json } = flags
  assertDrawable(files, draw)
  const generation = {
    ...(beams === undefined ? {} : { numBeams: Number(beams) }),
    ...(maxTokens === undefined ? {} : { maxNewTokens: Number(maxTokens) }),
  }
  const tasks = names.split(',').map((name) => toTaskRequest(name.trim(), flags, generation))

  const local = await startLocalCaptioner(resolveSettings(flags, process.env))
  if (local.captioner.model.demo) {
    console.error('flocap: answers of the demo model, which knows drawn scenes and nothing else')
  }
  try {
    for (const file of files) {
      try {
        const picture = await readPicture(file)
        const results = ground
          ? await captionAndLocate(local, picture, tasks)
          : await local.captioner.captionTasks({ picture, tasks })
        for (const result of results)
          print(file, result, { json: json ?? false, alone: files.length === 1 })
        if (draw !== undefined) await drawResults(local, picture, results, draw)
      } catch (error) {
        // One bad file does not lose the others.
        reportFailure(error, file)
        process.exitCode = 1
      }
    }
  } finally {
    await local.close()
  }
}

/** What a task takes is given to it, and to no other. */
function toTaskRequest(
  name: string,
  { text, region }: Pick<CaptionFlags, 'text' | 'region'>,
  generation: Partial<GenerationOptions>,
): TaskRequest {
  const task = findTask(name)
  const { takes } = TASKS[task]
  return {
    task,
    generation,
    ...(takes === 'text' && text !== undefined ? { input: text } : {}),
    ...(takes === 'region' && region !== undefined ? { region: toRegion(region) } : {}),
  }
}

/** Four numbers: fractions of the picture when none is above 1, else pixels. */
function toRegion(text: string): Region {
  const [x1, y1, x2, y2, ...rest] = text.split(/[\s,]+/).map(Number)
  const box = [x1, y1, x2, y2].filter((value) => value !== undefined && Number.isFinite(value))
  if (
    x1 === undefined ||
    y1 === undefined ||
    x2 === undefined ||
    y2 === undefined ||
    box.length < 4 ||
    rest.length > 0
  ) {
    throw new FlocapError('invalid_setting', `--region must be four numbers, not '${text}'.`, {
      subject: '--region',
      hint: 'Left, top, right and bottom: pixels such as 34,160,597,372, or fractions up to 1.',
    })
  }
  const unit = Math.max(x1, y1, x2, y2) <= 1 ? 'fraction' : 'pixel'
  return { unit, box: [x1, y1, x2, y2] }
}

/** A caption and where the things are that it names. */
async function captionAndLocate(
  { captioner }: LocalCaptioner,
  picture: Uint8Array,
  [first, ...others]: readonly TaskRequest[],
): Promise<readonly CaptionResult[]> {
  const task = first?.task
  if (!isCaptionTask(task) || others.length > 0) {
    throw new FlocapError('invalid_setting', '--ground needs one of the three caption tasks.', {
      subject: '--ground',
    })
  }
  const generation = first?.generation ?? {}
  const { caption: text, grounding } = await captionAndGround(captioner, {
    picture,
    caption: task,
    generation,
  })
  return grounding ? [text, grounding] : [text]
}

function isCaptionTask(task: TaskId | undefined): task is CaptionTaskId {
  return task === 'caption' || task === 'detailed_caption' || task === 'more_detailed_caption'
}

function print(
  file: string,
  result: CaptionResult,
  { json, alone }: { readonly json: boolean; readonly alone: boolean },
): void {
  if (json) console.log(JSON.stringify({ file, ...result }))
  else console.log(alone ? result.text : `${file}: ${result.text}`)
}

function assertDrawable(files: readonly string[], draw: string | undefined): void {
  if (draw === undefined) return
  if (files.length > 1 || !/\.(?:svg|png)$/i.test(draw)) {
    throw new FlocapError(
      'invalid_setting',
      '--draw needs one picture and a name ending in .svg or .png.',
      {
        subject: '--draw',
      },
    )
  }
}

/** What all tasks found, on the picture. */
async function drawResults(
  { engine }: LocalCaptioner,
  picture: Uint8Array,
  results: readonly CaptionResult[],
  target: string,
): Promise<void> {
  const shapes = results.filter(({ data }) => data.kind !== 'text')
  const overlays = shapes.map(({ data, picture: size }) => renderOverlay(data, size))
  const [first] = overlays
  if (first === undefined) {
    throw new FlocapError(
      'invalid_setting',
      'There is nothing to draw: the answer is plain text.',
      {
        subject: '--draw',
        hint: 'Tasks such as od, ocr_with_region or dense_region_caption find places.',
      },
    )
  }
  if (/\.svg$/i.test(target)) {
    await writeFile(target, first)
    return
  }
  let drawn = picture
  for (const overlay of overlays) drawn = await engine.draw(drawn, overlay)
  await writeFile(target, drawn)
}

async function readPicture(file: string): Promise<Uint8Array> {
  if (file === STANDARD_INPUT) return buffer(process.stdin)
  try {
    return await readFile(file)
  } catch (error) {
    throw new FlocapError('missing_image', 'The file cannot be read.', {
      subject: file,
      hint: 'Check its name and whether you may read it.',
      cause: error,
    })
  }
}
