// The scores as a table, and the table in the model's card.
import { FlocapError } from '../../src/base/errors.ts'
import { UNKNOWN_KINDS, type Scores } from './evaluate.ts'

interface Row {
  readonly name: string
  readonly value: (scores: Scores) => number | undefined
  /** What a well-trained model reaches. */
  readonly target: number
  readonly better: 'higher' | 'lower'
}

const higher = (name: string, target: number, value: Row['value']): Row => ({
  name,
  value,
  target,
  better: 'higher',
})

const ROWS: readonly Row[] = [
  higher('things named, recall', 0.95, ({ recall }) => recall),
  higher('things named, precision', 0.95, ({ precision }) => precision),
  higher('background colours', 0.95, ({ background }) => background),
  higher('places (`on the left`)', 0.9, ({ place }) => place),
  higher('relations (left, right, above, below)', 0.9, ({ relation }) => relation),
  higher('object detection, mAP at IoU 0.5', 0.85, ({ detection }) => detection),
  higher('phrase grounding, accuracy at IoU 0.5', 0.85, ({ grounding }) => grounding),
  higher('open vocabulary, accuracy at IoU 0.5', 0.85, ({ openVocabulary }) => openVocabulary),
  higher('open vocabulary, nothing found that is not there', 0.85, ({ absent }) => absent),
  higher('category of a region', 0.95, ({ category }) => category),
  higher('outline of a region, mean IoU', 0.7, ({ regionOutline }) => regionOutline),
  higher('outline of a phrase, mean IoU', 0.7, ({ phraseOutline }) => phraseOutline),
  {
    name: 'reading, character error rate',
    value: ({ characterErrors }) => characterErrors,
    target: 0.1,
    better: 'lower',
  },
  {
    name: 'reading of a region, character error rate',
    value: ({ regionCharacterErrors }) => regionCharacterErrors,
    target: 0.1,
    better: 'lower',
  },
  ...UNKNOWN_KINDS.map((kind) =>
    higher(`no thing named in an unknown picture: ${kind}`, 0.9, ({ modesty }) => modesty[kind]),
  ),
]

/** As Markdown. */
export function renderScores(scores: Scores, precision: string): string {
  const rows = ROWS.flatMap(({ name, value, target, better }) => {
    const found = value(scores)
    if (found === undefined || Number.isNaN(found)) return []
    const reached = better === 'higher' ? found >= target : found <= target
    const wanted = `${better === 'higher' ? 'at least' : 'at most'} ${target}`
    return [`| ${name} | ${found.toFixed(3)} | ${wanted} | ${reached ? 'yes' : 'no'} |`]
  })
  return [
    `${scores.pictures} pictures of ${scores.things} different things, precision \`${precision}\`, ` +
      `median of a plain caption ${Math.round(scores.milliseconds)} ms.`,
    '',
    '| measure | value | wanted | reached |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

const BEGIN = '<!-- results of npm run eval:bundled -->'
const END = '<!-- end of results -->'

/** @throws FlocapError `invalid_setting` when the card has no place for results. */
export function putIntoCard(card: string, table: string): string {
  const [before, rest] = card.split(BEGIN)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined) {
    throw new FlocapError('invalid_setting', `The card has no place for results.`, {
      subject: '--card',
      hint: `Put the lines ${BEGIN} and ${END} where they shall stand.`,
    })
  }
  return `${before}${BEGIN}\n\n${table}\n\n${END}${after}`
}
