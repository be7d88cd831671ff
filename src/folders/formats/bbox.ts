// `photo.bbox`, as SimpleTuner reads it: a JSON array of labels with boxes in fractions of the sides.
import type { BesideFormat } from './format.ts'
import { besidePath, type Naming } from './names.ts'
import { findPlaces, toFraction } from './places.ts'
import { decodeText } from './text.ts'

export function createBboxFormat(naming: Naming): BesideFormat {
  return {
    kind: 'beside',
    id: 'bbox',
    fileOf: (picture) => besidePath(picture, '.bbox', naming),
    stateOf: (content) => (decodeText(content).trim() === '' ? 'missing' : 'captioned'),
    async render({ answers, width, height }) {
      const boxes = findPlaces(answers, { width, height }).map(({ label, box, score }) => ({
        label,
        bbox: box.map((value, index) => toFraction(value, index % 2 === 0 ? width : height)),
        ...(score === undefined ? {} : { score }),
      }))
      return boxes.length === 0 ? undefined : `${JSON.stringify(boxes)}\n`
    },
  }
}
