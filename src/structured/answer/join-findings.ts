// Objects and described regions as one list: where both cover the same thing, the object has its name
// and the region says more about it.
import type { PictureSize } from '../../caption/ports.ts'
import type { LabelledBox } from '../../caption/task-data.ts'
import { mentions, readWords } from '../words/nouns.ts'
import { wordsOf } from '../words/names.ts'
import type { Found } from './evidence.ts'

/** Two boxes are the same thing when they share more than this of what both cover. */
const SAME_OVERLAP = 0.6

export function joinFindings(
  objects: readonly LabelledBox[],
  regions: readonly LabelledBox[],
  picture: PictureSize,
): readonly Found[] {
  const free = new Set(regions)
  const named = objects.map((object): Found => {
    const region = [...free].find((each) => overlap(each.box, object.box) > SAME_OVERLAP)
    if (region !== undefined) free.delete(region)
    return toFound(object, region?.label ?? object.label, picture)
  })
  // A region whose name is a known object's is one that the detector boxed otherwise.
  const further = [...free].filter((region) => {
    const words = readWords(region.label)
    return !named.some(({ label, box }) => {
      return box !== undefined && overlap(box, region.box) > 0 && mentions(words, wordsOf(label))
    })
  })
  return [...named, ...further.map((region) => toFound(region, region.label, picture))]
}

function toFound({ label, box, score }: LabelledBox, phrase: string, picture: PictureSize): Found {
  return { label: label.trim(), phrase: phrase.trim(), box, confidence: score, picture }
}

/** Intersection over union. */
function overlap(a: LabelledBox['box'], b: LabelledBox['box']): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0])
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1])
  if (width <= 0 || height <= 0) return 0
  const shared = width * height
  return shared / (areaOf(a) + areaOf(b) - shared)
}

function areaOf([x1, y1, x2, y2]: LabelledBox['box']): number {
  return (x2 - x1) * (y2 - y1)
}
