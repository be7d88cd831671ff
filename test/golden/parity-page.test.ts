// Keeps docs/reference/parity.md equal to the fixtures: `npx vitest run -u` writes it anew.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { readDemoCaptions } from '../support/demo-captions.ts'
import { listFlorence2Fixtures, readFlorence2Fixture } from '../support/florence2-fixtures.ts'
import {
  EXACT_PICTURES,
  INEXACT_PICTURES,
  MISREAD_BY_PILLOW,
  PICTURES,
  PICTURES_PILLOW,
  REFUSED_PICTURES,
} from '../support/picture-fixtures.ts'
import {
  PROBABILITY_TOLERANCE,
  RANDOM_ENCODER_TOLERANCE,
  SCORE_TOLERANCE,
  STAGE_TOLERANCE,
} from '../support/tolerances.ts'

const readFixture = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8'))

const RESIZES = z
  .object({ pictures: z.array(z.unknown()) })
  .parse(readFixture('resizing/resizing.json')).pictures

const list = z.array(z.unknown())
const searches = z
  .object({
    transformers: z.object({ classic: z.string(), vectorised: z.string() }),
    models: list,
    cases: z.array(z.object({ classic: z.object({}).loose(), vectorised: z.object({}).loose() })),
  })
  .parse(readFixture('search/search.json'))
const sampling = z.object({ rows: list }).parse(readFixture('search/sampling.json'))
const parsing = z
  .object({
    transformers: z.string(),
    cases: z.array(z.tuple([z.string()]).rest(z.unknown())),
    quantised: z.array(z.tuple([z.number(), z.number(), list, list])),
  })
  .parse(readFixture('parsing/cases.json'))
const demo = readDemoCaptions()
const random = listFlorence2Fixtures().map(readFlorence2Fixture)

type Cases = readonly { readonly beams: readonly { readonly sequences: readonly unknown[] }[] }[]

/** Greedy search, and every beam search, of every case. */
const countSearches = (cases: Cases): number =>
  cases.reduce((total, { beams }) => total + 1 + beams.length, 0)
const countAnswers = (cases: Cases): number =>
  cases.reduce(
    (total, { beams }) =>
      total + 1 + beams.reduce((sum, { sequences }) => sum + sequences.length, 0),
    0,
  )
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

function renderSummary(): string {
  const cases = random.flatMap((fixture) => fixture.cases)
  const published = z.string().array().parse(Object.values(searches.transformers)).join(' and ')
  return table(
    ['what', 'against', 'how much', 'rule'],
    [
      [
        'decoded pixels',
        'Pillow',
        `${EXACT_PICTURES.length} of ${Object.keys(PICTURES).length} files`,
        'equal bytes',
      ],
      ['resize to the model', 'Pillow, bicubic', `${EXACT_PICTURES.length} files`, 'equal bytes'],
      [
        'pixels of the model',
        'Pillow and NumPy',
        `${sum(random.map(({ pictures }) => pictures.length))} pictures`,
        'equal bits',
      ],
      [
        'image features',
        'transformers, float32',
        `${random.length} checkpoints, both lowerings`,
        `relative L2 below ${STAGE_TOLERANCE}`,
      ],
      [
        'encoder output',
        'transformers, float32',
        `${random.length} checkpoints, both lowerings`,
        `relative L2 below ${RANDOM_ENCODER_TOLERANCE}`,
      ],
      [
        'log-probabilities of each step',
        'transformers, float32',
        `${random.length} checkpoints, both lowerings`,
        `relative L2 below ${STAGE_TOLERANCE}`,
      ],
      [
        'answers of random checkpoints',
        '`generate()`, both stopping rules',
        `${cases.length} cases, ${countSearches(cases)} searches, ${countAnswers(cases)} answers`,
        'equal ids, both lowerings',
      ],
      [
        'answers of the bundled model',
        '`generate()`, both stopping rules',
        `${demo.cases.length} cases, ${countSearches(demo.cases)} searches, ${countAnswers(demo.cases)} answers`,
        'equal ids and text',
      ],
      [
        'the search alone',
        `\`generate()\` of ${published}`,
        `${searches.cases.length} searches under both rules on ${searches.models.length} table models`,
        `equal ids, steps and float32 scores; scores of the untouched reference within ${SCORE_TOLERANCE}`,
      ],
      [
        'what sampling draws from',
        '`generate(do_sample=True)`',
        `${sampling.rows.length} distributions`,
        `equal tokens, probabilities within ${PROBABILITY_TOLERANCE}`,
      ],
      [
        'parsed answers',
        "a port of Microsoft's processor, and transformers",
        `${parsing.cases.length} answers, each by both`,
        'equal labels and float32 coordinates',
      ],
      [
        'coordinates to bins',
        'transformers',
        `${sum(parsing.quantised.map(([, , values]) => values.length))} coordinates`,
        'equal bins',
      ],
    ],
  )
}

function renderConfigurations(): string {
  return table(
    ['checkpoint', 'layout', 'weights', 'parameters', 'cases', 'searches', 'covers'],
    random.map(({ name, checkpoint, cases, covers }) => [
      name,
      checkpoint.layout,
      checkpoint.dtype,
      checkpoint.parameters,
      cases.length,
      countSearches(cases),
      covers,
    ]),
  )
}

/** How often each setting of the search is compared, on models of either kind. */
function renderSearches(): string {
  const counts = new Map<string, [random: number, demo: number]>()
  const kinds = [random.flatMap(({ cases }) => cases), demo.cases]
  for (const [kind, cases] of kinds.entries()) {
    for (const { beams } of cases) {
      for (const { numBeams, earlyStopping, lengthPenalty, stoppingRule } of beams) {
        const key = [numBeams, earlyStopping, lengthPenalty, stoppingRule].join(' | ')
        const count = counts.get(key) ?? [0, 0]
        count[kind] = (count[kind] ?? 0) + 1
        counts.set(key, count)
      }
    }
  }
  return table(
    [
      'beams',
      'early stopping',
      'length penalty',
      'stopping rule',
      'random checkpoints',
      'bundled model',
    ],
    [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, count]) => [key, ...count]),
  )
}

function renderGrammars(): string {
  const counts = new Map<string, number>()
  for (const [grammar] of parsing.cases) counts.set(grammar, (counts.get(grammar) ?? 0) + 1)
  return table(['grammar', 'answers'], [...counts])
}

function renderInexact(): string {
  return table(
    ['file', 'largest difference of a byte', 'mean difference'],
    Object.entries(INEXACT_PICTURES).map(([file, { largest, mean }]) => [file, largest, mean]),
  )
}

it('says on its page what is compared with the reference', async () => {
  const reference = Object.entries(demo.reference)
    .map(([part, version]) => renderVersion(part, version))
    .join(', ')
  const page = `# Parity with the reference

Made from the fixtures in \`test/fixtures\` by \`test/golden/parity-page.test.ts\`. Everything here is compared in every test run, in float32 (\`--precision fp32\`); the eight bits of \`auto\` are another matter: [quantisation](../design/quantisation.md).

The reference: ${reference}. The stopping rule is the bookkeeping of finished beams, which changed between those two versions of transformers: FloCap has both and answers with the classic one unless told otherwise.

${renderSummary()}

Two lowerings: the plain one follows the reference operator by operator, the fused one is what runs. No case is exempt: ids are compared one by one, for every finished beam. Should an answer of a random checkpoint ever differ, it passes only as a tie that is proved: with scores moved by no more than float32 rounds (0.00001 of each), the search has to find the reference's answer, and the run says so. None has needed it here.

## Random checkpoints

Small models with random weights, on which every operator matters and no answer is easy.

${renderConfigurations()}

## Beam searches

Besides greedy search of every case, with a ban on repeated trigrams.

${renderSearches()}

## Answers that are parsed

Random answers: valid, damaged and senseless ones.

${renderGrammars()}

## Pictures whose pixels differ

Other decoders than Pillow's read these forms. ${REFUSED_PICTURES.length} forms are refused although Pillow reads them: ${REFUSED_PICTURES.join(', ')}. ${Object.keys(MISREAD_BY_PILLOW).join(', ')} is read as what it shows: Pillow loses pixels of it before version 13, by a mistake about literal runs of odd length.

${renderInexact()}

## The order of resizing

Bicubic resizing goes along rows and along columns, and rounds to bytes between the two, so the order shows in rounding. The model was trained, and its published answers were made, with a Pillow that goes along the rows first, except in a picture that is more than a hundred times as high as wide. That is Pillow up to 12.3, which \`tools/python/requirements.txt\` pins, and that is what FloCap does: \`src/runtime/image/resize/parity.test.ts\` compares ${RESIZES.length} portraits, landscapes, squares and strips at 192 and 768 pixels, byte for byte.

Pillow 13 goes along the columns first where a picture is to lose more than twice as many rows as columns, as most photos of a phone held upright. Against 13.0.0 the same resizes of landscapes and squares are equal; portraits of hard edges and noise, which is the worst case, differ at 768 pixels in 22 to 30 % of their bytes, mostly by a level and at most by 21; at 192 pixels in none, or by one level. Of photographs, 36 upright crops (9:16, 3:4 and 2:3, 1024 to 1920 pixels high) of 12 photos, 29 differ at 768 pixels, in 2 to 22 % of their bytes (median 7 %) by at most 5 levels, and 6 at 192 pixels, in 6 to 14 % by at most 2. \`python tools/python/resizing.py --keep\` and \`--compare\` measure it with two versions of Pillow and your photos.

The fixtures of pictures were made with Pillow ${PICTURES_PILLOW}; those of the models with the Pillow that stands above, of whose ${sum(random.map(({ pictures }) => pictures.length)) + demo.pictures.length} resizes 12.3.0 and 13.0.0 give the same bytes.

## With published data

Where the reference data of the real models is at hand, tests compare more: token ids of the published tokenizers for the prompt of every task, pixels of the published pictures bit for bit, the layout of every published checkpoint, published raw answers through the parser, and the first stage of Florence-2-base's vision tower with its real weights (relative L2 below ${STAGE_TOLERANCE}). Whole answers of the real weights: \`npm run acceptance\`.
`
  await expect(page).toMatchFileSnapshot('../../docs/reference/parity.md')
})

/** The two stopping rules are named after nothing but the version that has them. */
function renderVersion(part: string, version: string): string {
  return version.startsWith('transformers') ? `${version} (${part})` : `${part} ${version}`
}
