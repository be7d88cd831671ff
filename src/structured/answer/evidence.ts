// What was found on one picture: the answers of the tasks that ran, as the values are made of them.
import { boundsOf } from '../../caption/bounds.ts'
import type { CaptionResult, TaskRequest } from '../../caption/captioner.ts'
import type { PictureSize } from '../../caption/ports.ts'
import type { LabelledBox, LabelledQuad } from '../../caption/task-data.ts'
import { headNoun, readWords, type TextWords } from '../words/nouns.ts'
import { joinFindings } from './join-findings.ts'

/** One thing on the picture: an object, a region, a piece of text, or only a name. */
export interface Found {
  /** What it is called: a class, or the text that stands there. */
  readonly label: string
  /** More about it, where a described region covers it. */
  readonly phrase: string
  readonly box: LabelledBox['box'] | undefined
  readonly confidence: number | undefined
  readonly picture: PictureSize
}

export interface Evidence {
  /** Among several pictures: `Image 1`. */
  readonly label: string
  readonly size: PictureSize
  /** The text that answers when nothing particular is asked. */
  readonly generic: string
  /** Captions by length, those that ran. */
  readonly short: string | undefined
  readonly medium: string | undefined
  readonly long: string | undefined
  /** Text in the picture; empty when there is none. */
  readonly text: string | undefined
  readonly lines: readonly Found[]
  readonly found: readonly Found[]
  /** Names for what is on the picture, distinct, single nouns. */
  readonly tags: readonly Found[]
  /** Of the first answer. */
  readonly confidence: number
  /** Everything that labels and captions say. */
  readonly words: TextWords
}

/** Of several answers to one question, as `n` asks for them, `rank` chooses; the best is 0. */
export function readEvidence(
  label: string,
  tasks: readonly TaskRequest[],
  results: readonly CaptionResult[],
  rank: number,
): Evidence {
  const ranked = results.map((result) => ({ ...result, ...result.alternatives[rank] }))
  const of = (task: TaskRequest['task']) =>
    ranked.find((result, index) => result.task === task && tasks[index]?.input === undefined)
  const size = results[0]?.picture ?? { width: 0, height: 0 }
  const textOf = (task: TaskRequest['task']) => {
    const data = of(task)?.data
    return data?.kind === 'text' ? data.text.trim() : undefined
  }
  const boxesOf = (task: TaskRequest['task']) => {
    const data = of(task)?.data
    return data?.kind === 'boxes' ? data.boxes : []
  }
  const quads = of('ocr_with_region')?.data
  const found = joinFindings(boxesOf('od'), boxesOf('dense_region_caption'), size)
  const captions = [textOf('caption'), textOf('detailed_caption'), textOf('more_detailed_caption')]
  const generic = ranked[0]?.text.trim() ?? ''
  return {
    label,
    size,
    generic,
    short: captions[0],
    medium: captions[1],
    long: captions[2],
    text: textOf('ocr'),
    lines: readLines(quads?.kind === 'quads' ? quads.quads : [], size),
    found,
    tags: readTags(found, textOf('generate_tags'), size),
    confidence: ranked[0]?.confidence ?? 0,
    words: readWords(
      [generic, ...captions, ...found.flatMap((each) => [each.label, each.phrase])]
        .filter((text) => text !== undefined)
        .join('\n'),
    ),
  }
}

function readLines(quads: readonly LabelledQuad[], picture: PictureSize): Found[] {
  return quads.map(({ label, quad, score }) => ({
    label: label.trim(),
    phrase: label.trim(),
    box: boundsOf(quad),
    confidence: score,
    picture,
  }))
}

/** Distinct, the surest first of each name; a fine-tune's own tags where it has given some. */
function readTags(
  found: readonly Found[],
  ownTags: string | undefined,
  picture: PictureSize,
): readonly Found[] {
  const tags = ownTags?.split(',').flatMap((tag): Found[] => {
    const label = tag.trim()
    return label === ''
      ? []
      : [{ label, phrase: label, box: undefined, confidence: undefined, picture }]
  })
  const names = new Map<string, Found>()
  for (const each of tags ?? found) {
    const label = tags === undefined ? headNoun(each.label) : each.label
    const key = label.toLowerCase()
    const known = names.get(key)
    if (known === undefined || (each.confidence ?? 0) > (known.confidence ?? 0)) {
      names.set(key, { ...each, label })
    }
  }
  return [...names.values()]
}
