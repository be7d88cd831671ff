// Asks the bundled model about pictures whose truth is known, and measures the answers.
import type { CaptionResult, TaskRequest, TasksCaptioner } from '../../src/caption/captioner.ts'
import type { LabelledBox } from '../../src/caption/task-data.ts'
import { BundledLanguage, type Relation } from './bundled-language.ts'
import {
  type Box,
  boxIou,
  type Detection,
  editDistance,
  maskIou,
  meanAveragePrecision,
  median,
  Rate,
} from './metrics.ts'
import type { SceneTruth, ThingTruth } from './truth.ts'

/** From here on a box is the right one, as in PASCAL VOC. */
const LEAST_IOU = 0.5

/** Things of a picture that are asked about one by one. */
const ASKED_THINGS = 2

/**
 * The longest sentence the model was taught has 68 tokens. One that is badly trained would talk on to
 * the end of its position table, for minutes a picture.
 */
const GENERATION = { maxNewTokens: 128 }

/** Kinds of picture with nothing in them that the model knows; photographs are the caller's own. */
export const UNKNOWN_KINDS = ['stranger', 'clutter', 'empty', 'noise', 'photograph'] as const
type UnknownKind = (typeof UNKNOWN_KINDS)[number]

export interface Scores {
  readonly pictures: number
  readonly things: number
  readonly recall: number
  readonly precision: number
  readonly background: number
  readonly place: number
  readonly relation: number
  readonly detection: number
  readonly grounding: number
  readonly openVocabulary: number
  /** Of things that are not there: how often nothing was found. */
  readonly absent: number
  readonly category: number
  readonly regionOutline: number
  readonly phraseOutline: number
  readonly characterErrors: number
  readonly regionCharacterErrors: number
  /** How often an unknown picture was not given the name of a thing. */
  readonly modesty: Readonly<Partial<Record<UnknownKind, number>>>
  /** Median of a plain caption, in milliseconds. */
  readonly milliseconds: number
}

export class Evaluation {
  readonly #captioner: TasksCaptioner
  readonly #names: readonly string[]
  readonly #language: BundledLanguage
  readonly #detections: Detection[] = []
  readonly #truths: Omit<Detection, 'confidence'>[] = []
  readonly #seen = new Set<string>()
  readonly #modesty = new Map<UnknownKind, Rate>()
  readonly #milliseconds: number[] = []
  readonly #rates = {
    recall: new Rate(),
    precision: new Rate(),
    background: new Rate(),
    place: new Rate(),
    relation: new Rate(),
    grounding: new Rate(),
    openVocabulary: new Rate(),
    absent: new Rate(),
    category: new Rate(),
    regionOutline: new Rate(),
    phraseOutline: new Rate(),
    characterErrors: new Rate(),
    regionCharacterErrors: new Rate(),
  }
  #pictures = 0

  constructor(captioner: TasksCaptioner, names: readonly string[]) {
    this.#captioner = captioner
    this.#names = names
    this.#language = new BundledLanguage(names)
  }

  /** A picture in which the model knows everything. */
  async addScene(scene: SceneTruth, picture: Uint8Array): Promise<void> {
    const alone = scene.things.filter(
      ({ name }) => scene.things.filter((other) => other.name === name).length === 1,
    )
    const asked = alone.slice(0, ASKED_THINGS)
    const started = performance.now()
    const caption = await this.#captioner.caption({
      picture,
      task: 'caption',
      generation: GENERATION,
    })
    this.#milliseconds.push(performance.now() - started)
    const answers = new Map<string, CaptionResult>()
    const questions = questionsAbout(scene, alone, asked, this.#absentName(scene))
    const results = await this.#captioner.captionTasks({
      picture,
      tasks: questions.map(({ request }) => ({ ...request, generation: GENERATION })),
    })
    results.forEach((result, index) => answers.set(questions[index]?.id ?? '', result))

    const index = this.#pictures
    this.#pictures += 1
    this.#judgeCaption(scene, caption.text)
    this.#judgePlaces(alone, answers.get('detailed')?.text ?? '')
    if (alone.length === scene.things.length) {
      this.#judgeRelations(scene.things, answers.get('more detailed')?.text ?? '')
    }
    for (const { name, box } of scene.things) {
      this.#seen.add(name)
      this.#truths.push({ picture: index, label: name, box })
    }
    const detected = answers.get('detection')
    for (const { label, box } of boxesOf(detected)) {
      const confidence = detected?.confidence ?? 0
      this.#detections.push({ picture: index, label, box, confidence })
    }
    const grounded = boxesOf(answers.get('grounding'))
    for (const { name, box } of alone) {
      const own = grounded.find(({ label }) => label.toLowerCase().endsWith(name))
      this.#rates.grounding.add(own !== undefined && boxIou(own.box, box) >= LEAST_IOU)
    }
    for (const thing of asked) {
      const { name } = thing
      const [found] = boxesOf(answers.get(`find ${name}`))
      this.#rates.openVocabulary.add(
        found !== undefined && boxIou(found.box, thing.box) >= LEAST_IOU,
      )
      this.#rates.category.add(answers.get(`category ${name}`)?.text.trim().toLowerCase() === name)
      const outline = (id: string): number => outlineIou(thing, answers.get(`${id} ${name}`), scene)
      this.#rates.regionOutline.add(outline('outline of region'))
      this.#rates.phraseOutline.add(outline('outline'))
    }
    this.#rates.absent.add(boxesOf(answers.get('absent')).length === 0)
    if (scene.word !== null) {
      const { text } = scene.word
      const errors = (id: string): number => editDistance(answers.get(id)?.text ?? '', text)
      this.#rates.characterErrors.add(errors('reading'), text.length)
      this.#rates.regionCharacterErrors.add(errors('reading of region'), text.length)
    }
  }

  /** A picture with nothing in it that the model knows: naming a thing is a lie. */
  async addUnknown(kind: UnknownKind, picture: Uint8Array): Promise<void> {
    const { text } = await this.#captioner.caption({
      picture,
      task: 'caption',
      generation: GENERATION,
    })
    const rate = this.#modesty.get(kind) ?? new Rate()
    rate.add(this.#language.readCaption(text).things.size === 0)
    this.#modesty.set(kind, rate)
  }

  scores(): Scores {
    const rates = this.#rates
    return {
      pictures: this.#pictures,
      things: this.#seen.size,
      recall: rates.recall.rate,
      precision: rates.precision.rate,
      background: rates.background.rate,
      place: rates.place.rate,
      relation: rates.relation.rate,
      detection: meanAveragePrecision(this.#detections, this.#truths, LEAST_IOU),
      grounding: rates.grounding.rate,
      openVocabulary: rates.openVocabulary.rate,
      absent: rates.absent.rate,
      category: rates.category.rate,
      regionOutline: rates.regionOutline.rate,
      phraseOutline: rates.phraseOutline.rate,
      characterErrors: rates.characterErrors.rate,
      regionCharacterErrors: rates.regionCharacterErrors.rate,
      modesty: Object.fromEntries([...this.#modesty].map(([kind, { rate }]) => [kind, rate])),
      milliseconds: median(this.#milliseconds),
    }
  }

  #absentName(scene: SceneTruth): string {
    const there = new Set(scene.things.map(({ name }) => name))
    const others = this.#names.filter((name) => !there.has(name))
    return others[this.#pictures % others.length] ?? ''
  }

  #judgeCaption(scene: SceneTruth, text: string): void {
    const said = this.#language.readCaption(text)
    const expected = countsOf(scene.things.map(({ name }) => name))
    const rightly = [...expected].reduce(
      (sum, [name, count]) => sum + Math.min(count, said.things.get(name) ?? 0),
      0,
    )
    this.#rates.recall.add(rightly, scene.things.length)
    this.#rates.precision.add(rightly, sumOf(said.things.values()))
    this.#rates.background.add(said.background.join() === scene.background.join())
  }

  #judgePlaces(things: readonly ThingTruth[], text: string): void {
    const places = this.#language.readPlaces(text)
    for (const { name, place } of things) this.#rates.place.add(places.get(name) === place)
  }

  /** From left to right each thing is related to the one before. */
  #judgeRelations(things: readonly ThingTruth[], text: string): void {
    const said = this.#language.readRelations(text)
    for (const [index, thing] of things.slice(1).entries()) {
      const before = things[index]
      const found = said.find(({ thing: name }) => name === thing.name)
      this.#rates.relation.add(
        before !== undefined && found?.relation === relationOf(thing.box, before.box),
      )
    }
  }
}

interface Question {
  readonly id: string
  readonly request: TaskRequest
}

function questionsAbout(
  { word }: SceneTruth,
  alone: readonly ThingTruth[],
  asked: readonly ThingTruth[],
  absent: string,
): readonly Question[] {
  const ask = (id: string, request: TaskRequest): Question => ({ id, request })
  return [
    ask('detailed', { task: 'detailed_caption' }),
    ask('more detailed', { task: 'more_detailed_caption' }),
    ask('detection', { task: 'od' }),
    ask('absent', { task: 'open_vocabulary_detection', input: absent }),
    ...(alone.length === 0
      ? []
      : [
          ask('grounding', {
            task: 'caption_to_phrase_grounding',
            input: alone.map(({ name }) => withArticle(name)).join(' and '),
          }),
        ]),
    ...asked.flatMap(({ name, box }) => {
      const region = { unit: 'pixel', box } as const
      return [
        ask(`find ${name}`, { task: 'open_vocabulary_detection', input: name }),
        ask(`category ${name}`, { task: 'region_to_category', region }),
        ask(`outline of region ${name}`, { task: 'region_to_segmentation', region }),
        ask(`outline ${name}`, {
          task: 'referring_expression_segmentation',
          input: withArticle(name),
        }),
      ]
    }),
    ...(word === null
      ? []
      : [
          ask('reading', { task: 'ocr' }),
          ask('reading of region', {
            task: 'region_to_ocr',
            region: { unit: 'pixel', box: word.box },
          }),
        ]),
  ]
}

function withArticle(name: string): string {
  if (['glasses', 'scissors'].includes(name)) return name
  return /^[aeiou]/.test(name) ? `an ${name}` : `a ${name}`
}

function boxesOf(result: CaptionResult | undefined): readonly LabelledBox[] {
  const data = result?.data
  return data?.kind === 'boxes' || data?.kind === 'boxes_or_polygons' ? data.boxes : []
}

function outlineIou(
  thing: ThingTruth,
  result: CaptionResult | undefined,
  scene: SceneTruth,
): number {
  const data = result?.data
  if (data?.kind !== 'polygons') return 0
  return maskIou(
    thing.mask,
    data.polygons.flatMap(({ outlines }) => outlines),
    scene,
  )
}

/** As the model's own sentences choose it: along the axis on which the centres are further apart. */
function relationOf(a: Box, b: Box): Relation {
  const across = a[0] + a[2] - b[0] - b[2]
  const down = a[1] + a[3] - b[1] - b[3]
  if (Math.abs(across) > Math.abs(down)) return across < 0 ? 'left' : 'right'
  return down < 0 ? 'above' : 'below'
}

function countsOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

function sumOf(values: Iterable<number>): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}
