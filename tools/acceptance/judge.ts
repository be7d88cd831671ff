// One question to a model, with the settings under which its answer was published, and the verdict.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LocalCaptioner } from '../../src/app/start-model.ts'
import { DEFAULT_GENERATION, resolveGeneration } from '../../src/caption/generation.ts'
import { parseAnswer } from '../../src/caption/parse/parse-answer.ts'
import type { GenerationOptions } from '../../src/caption/ports.ts'
import { renderPrompt } from '../../src/caption/prompt.ts'
import { parseRegionText } from '../../src/caption/region.ts'
import { findTask, TASKS } from '../../src/caption/tasks.ts'
import { compareAnswer, type Verdict } from './compare.ts'
import type { PublishedAnswer } from './values.ts'

export interface Row {
  readonly id: string
  /** `answered`: nothing was published to compare with; `skipped`: there is no picture. */
  readonly verdict:
    | Verdict
    | { readonly kind: 'answered'; readonly remark: string }
    | { readonly kind: 'skipped'; readonly remark: string }
}

export async function judge(
  { engine }: LocalCaptioner,
  published: PublishedAnswer,
  images: string,
): Promise<Row['verdict']> {
  const picture = await readPicture(images, published.image)
  if (!picture) return { kind: 'skipped', remark: `no picture ${published.image}` }
  const task = findTask(published.task)
  const answer = await engine.answer({
    picture,
    applyOrientation: false,
    queries: [
      {
        prompt: promptOf(published),
        generation: generationOf(published, engine.description.generation),
      },
    ],
  })
  const [sequence] = answer.answers[0]?.sequences ?? []
  if (!sequence) return { kind: 'differs', remark: 'no answer' }
  const { tokens, text } = sequence
  if (!hasValue(published)) return judgeAlone(text, sequence.finishReason)
  const data = parseAnswer(TASKS[task].grammar, text, answer.picture, { mode: 'reference' })
  return compareAnswer(published, { tokens, data, picture: answer.picture })
}

/** What can be said of an answer with none published beside it: a good model ends by itself, with text. */
function judgeAlone(text: string, finishReason: string): Row['verdict'] {
  const shown = text.replaceAll(/<\/?s>/g, '').trim()
  if (shown === '') return { kind: 'differs', remark: 'an empty answer' }
  if (finishReason !== 'stop') return { kind: 'differs', remark: `it does not end: ${shown}` }
  return { kind: 'answered', remark: shown }
}

function hasValue({ output, output_ids, output_text }: PublishedAnswer): boolean {
  return [output, output_ids, output_text].some((value) => value !== undefined && value !== null)
}

function promptOf({ task: token, input }: PublishedAnswer): ReturnType<typeof renderPrompt> {
  const task = findTask(token)
  const { takes } = TASKS[task]
  if (takes === 'region') return renderPrompt(task, undefined, parseRegionText(input ?? ''))
  return renderPrompt(task, takes === 'text' ? (input ?? '') : undefined)
}

/** As published; where nothing was said, as the model's own files say. */
function generationOf(
  { settings = {} }: PublishedAnswer,
  ofModel: Partial<GenerationOptions> | undefined,
): GenerationOptions {
  const own = resolveGeneration(DEFAULT_GENERATION, ofModel)
  return {
    ...own,
    numBeams: settings.greedy ? 1 : (settings.num_beams ?? own.numBeams),
    earlyStopping: settings.early_stopping ?? own.earlyStopping,
    maxNewTokens: settings.max_new_tokens ?? own.maxNewTokens,
    noRepeatNgramSize: settings.no_repeat_ngram_size ?? own.noRepeatNgramSize,
  }
}

/** The lossless copy of a published JPEG serves too: its pixels are those of the publication. */
async function readPicture(folder: string, file: string): Promise<Uint8Array | null> {
  for (const name of [file, file.replace(/\.jpe?g$/, '.png')]) {
    try {
      return await readFile(join(folder, name))
    } catch {
      // The next name, or none.
    }
  }
  return null
}
