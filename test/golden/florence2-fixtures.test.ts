// The reference fixtures are whole and still hold what they were chosen for, so that a regeneration
// that lost the telling cases does not pass unseen.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readDemoCaptions } from '../support/demo-captions.ts'
import {
  listFlorence2Fixtures,
  readFixtureTensors,
  readFlorence2Fixture,
} from '../support/florence2-fixtures.ts'
import { parseShapes } from '../support/florence2-shapes.ts'
import { readSampleTruths } from '../support/samples.ts'

const TASKS = ['<CAPTION>', '<DETAILED_CAPTION>', '<MORE_DETAILED_CAPTION>']
const DEMO_WEIGHTS = new URL('../../models/flocap-demo/model.safetensors', import.meta.url)

const fixtures = listFlorence2Fixtures().map((name) => readFlorence2Fixture(name))
const cases = fixtures.flatMap((fixture) => fixture.cases)
const searches = cases.flatMap(({ beams, maxNewTokens }) =>
  beams.map((search) => ({ ...search, maxNewTokens })),
)

function hasRepeatedTrigram(ids: readonly number[]): boolean {
  const trigrams = ids.slice(2).map((id, i) => `${ids[i]} ${ids[i + 1]} ${id}`)
  return new Set(trigrams).size < trigrams.length
}

describe('the reference fixtures', () => {
  it('cover both layouts, every dtype and enough cases', () => {
    expect(new Set(fixtures.map(({ checkpoint }) => checkpoint.layout))).toEqual(
      new Set(['native', 'microsoft']),
    )
    expect(new Set(fixtures.map(({ checkpoint }) => checkpoint.dtype))).toEqual(
      new Set(['F16', 'BF16', 'F32', 'mixed']),
    )
    expect(fixtures.length).toBeGreaterThanOrEqual(8)
    expect(cases.length).toBeGreaterThanOrEqual(60)
  })

  it.each(fixtures)('$name has the tensors that its pictures name', (fixture) => {
    const { text, vision } = parseShapes(fixture.checkpoint.config, fixture.checkpoint.layout)
    const tensors = readFixtureTensors(fixture.name)
    for (const picture of fixture.pictures) {
      const map = tensors.get(picture.tensors.visionMap)?.shape ?? []
      const imageTokens = map[0]! * map[1]! + 1
      expect(map[2]).toBe(vision.dims.at(-1))
      expect(tensors.get(picture.tensors.imageFeatures)?.shape).toEqual([imageTokens, text.width])
      expect(tensors.get(picture.tensors.encoderOutput)?.shape).toEqual([
        imageTokens + picture.promptIds.length,
        text.width,
      ])
      expect(tensors.get(picture.tensors.logits)?.shape).toEqual([
        picture.answerIds.length,
        text.rows,
      ])
    }
    expect(tensors.size).toBe(4 * fixture.pictures.length)
  })

  it('hold answers that obey the forced tokens and the trigram ban', () => {
    const answers = cases.flatMap(({ greedy, beams, maxNewTokens }) =>
      [greedy, ...beams.flatMap(({ sequences }) => sequences)].map(({ ids }) => ({
        ids,
        maxNewTokens,
      })),
    )
    for (const { ids, maxNewTokens } of answers) {
      expect(ids.slice(0, 2)).toEqual([2, 0])
      expect(ids.indexOf(2, 1)).toBe(ids.length - 1)
      expect(ids.length - 1).toBeLessThanOrEqual(maxNewTokens)
      // The forced end is the one token that the ban cannot hold back.
      expect(hasRepeatedTrigram(ids.slice(0, -1))).toBe(false)
    }
  })

  it('hold answers that end by themselves and answers that the limit cuts', () => {
    const lengths = searches.map(({ sequences, maxNewTokens }) => ({
      length: sequences[0]!.ids.length - 1,
      maxNewTokens,
    }))
    expect(lengths.filter((s) => s.length < s.maxNewTokens).length).toBeGreaterThan(50)
    expect(lengths.filter((s) => s.length === s.maxNewTokens).length).toBeGreaterThan(50)
  })

  it('hold searches in which the two stopping rules choose different answers', () => {
    const telling = cases.filter(({ beams }) => {
      const best = (rule: string) =>
        beams.filter((b) => b.stoppingRule === rule).map((b) => b.sequences[0]!.ids)
      return JSON.stringify(best('classic')) !== JSON.stringify(best('vectorised'))
    })
    expect(telling.length).toBeGreaterThanOrEqual(3)
  })

  it('hold searches in which beams find a better answer than greedy search', () => {
    const better = cases.filter(
      ({ greedy, beams }) => beams[0]!.sequences[0]!.ids.join() !== greedy.ids.join(),
    )
    expect(better.length).toBeGreaterThan(30)
  })
})

describe('the reference captions of the bundled model', () => {
  it('belong to the weights that are bundled', () => {
    const sha256 = createHash('sha256').update(readFileSync(DEMO_WEIGHTS)).digest('hex')
    expect(readDemoCaptions().weightsSha256).toBe(sha256)
  })

  it('are there for three caption tasks of every sample picture', () => {
    const { pictures, cases: captions } = readDemoCaptions()
    const samples = readSampleTruths()
    expect(pictures.map(({ file }) => file)).toEqual(samples.map(({ file }) => file))
    const named = new Set(captions.map(({ picture, task }) => `${picture} ${task}`))
    const all = samples.flatMap(({ file }) => TASKS.map((task) => `${file} ${task}`))
    expect(all.filter((name) => !named.has(name))).toEqual([])
  })
})
