// YOLO's labels: `photo.txt` with a line `class x y width height` a box, fractions of the sides and x, y
// the middle; `classes.txt` has the name of each class in the line of its number.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError } from '../../base/file-errors.ts'
import { systemCode } from '../../base/system-errors.ts'
import { replaceFile } from '../../base/replace-file.ts'
import type { BesideFormat } from './format.ts'
import { besidePath, type Naming } from './names.ts'
import { findPlaces, toFraction } from './places.ts'
import { decodeText } from './text.ts'

const CLASSES = 'classes.txt'

/** A picture called `classes` has its labels where the classes are: it is refused by this name. */
export function createYoloFormat(naming: Naming): BesideFormat {
  const known = new Map<string, Promise<ClassNumbers>>()

  async function classesOf(output: string): Promise<ClassNumbers> {
    const before = known.get(output) ?? readClasses(join(output, CLASSES))
    known.set(output, before)
    return before
  }

  return {
    kind: 'beside',
    id: 'yolo',
    fileOf: (picture) => besidePath(picture, '.txt', naming),
    stateOf: (content) => (decodeText(content).trim() === '' ? 'missing' : 'captioned'),
    async render({ picture, answers, width, height }) {
      const places = findPlaces(answers, { width, height })
      if (places.length === 0) return undefined
      const classes = await classesOf(picture.output)
      // Before the labels that refer to it: a run that is killed between has a class too many at most.
      await classes.add(places.map(({ label }) => label))
      const lines = places.map(({ label, box: [x1, y1, x2, y2] }) =>
        [
          classes.numberOf(label),
          toFraction((x1 + x2) / 2, width),
          toFraction((y1 + y2) / 2, height),
          toFraction(x2 - x1, width),
          toFraction(y2 - y1, height),
        ].join(' '),
      )
      return `${lines.join('\n')}\n`
    },
  }
}

interface ClassNumbers {
  numberOf(label: string): number
  /** Writes the names that are new behind the others: a number never changes its meaning. */
  add(labels: readonly string[]): Promise<void>
}

async function readClasses(path: string): Promise<ClassNumbers> {
  const names = await readLines(path)
  return {
    numberOf: (label) => names.indexOf(label),
    async add(labels) {
      const fresh = [...new Set(labels)].filter((label) => !names.includes(label))
      if (fresh.length === 0) return
      await replaceFile(path, [...names, ...fresh].map((name) => `${name}\n`).join(''))
      names.push(...fresh)
    },
  }
}

async function readLines(path: string): Promise<string[]> {
  try {
    const lines = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '').split(/\r?\n/)
    return lines.at(-1) === '' ? lines.slice(0, -1) : lines
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw fileError(path, error)
  }
}
