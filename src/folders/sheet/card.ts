// One picture of a contact sheet: small, with its answers, and what was found drawn over it. Names of files
// and words of a model are text here, whatever they look like.
import { escapeMarkup } from '../../base/escape-markup.ts'
import { toFindings } from '../../caption/findings.ts'
import { renderOverlay } from '../../caption/overlay.ts'
import type { PictureSize } from '../../caption/ports.ts'
import type { Answer } from '../ask/answer-questions.ts'

export interface Card {
  /** As people know the picture. */
  readonly label: string
  /** In the order of the files, from 0. */
  readonly place: number
  readonly thumbnail?: Thumbnail
  readonly size?: PictureSize
  /** What the files have been given, or hold. */
  readonly captions: readonly string[]
  readonly answers: readonly Answer[]
  /** Why there is no caption, or none of this run. */
  readonly note?: string
  readonly failed?: boolean
}

/** WebP, or why there is none. */
export type Thumbnail = Uint8Array | string

/** More names of things than a glance takes in. */
const MAX_FINDINGS = 24

export function renderCard(card: Card): string {
  const { label, place, answers, captions, note, failed } = card
  const sure = leastSure(answers)
  const attributes = [
    `data-place="${place}"`,
    ...(sure === undefined ? [] : [`data-sure="${sure}"`]),
    ...(failed === true ? ['class="failed"'] : []),
  ]
  return [
    `<article ${attributes.join(' ')}>`,
    renderFigure(card),
    `<h2>${escapeMarkup(label)}</h2>`,
    ...captions.map((caption) => `<p>${escapeMarkup(caption)}</p>`),
    ...(note === undefined ? [] : [`<p class="why">${escapeMarkup(note)}</p>`]),
    ...answers.map((answer) => renderAnswer(answer, captions)),
    '</article>',
    '',
  ].join('\n')
}

/** The answer that a person should look at first decides. */
function leastSure(answers: readonly Answer[]): number | undefined {
  const known = answers.flatMap(({ confidence }) => confidence ?? [])
  return known.length === 0 ? undefined : Math.min(...known)
}

function renderFigure({ thumbnail, size, answers, label }: Card): string {
  if (thumbnail === undefined) return ''
  if (typeof thumbnail === 'string') return `<p class="why">${escapeMarkup(thumbnail)}</p>`
  const src = `data:image/webp;base64,${Buffer.from(thumbnail).toString('base64')}`
  const image = `<img alt="${escapeMarkup(label)}" loading="lazy" decoding="async" src="${src}">`
  if (size === undefined) return `<figure style="aspect-ratio: 1">${image}</figure>`
  const data = answers.map((answer) => answer.data)
  const overlay = data.some((each) => toFindings(each).length > 0) ? renderOverlay(data, size) : ''
  return `<figure style="aspect-ratio: ${size.width} / ${size.height}">${image}${overlay}</figure>`
}

function renderAnswer(
  { task, text, empty, confidence, data }: Answer,
  captions: readonly string[],
) {
  const findings = toFindings(data)
  const said =
    empty === true
      ? 'The model gave an empty answer.'
      : findings.length > 0
        ? listFindings(findings)
        : captions.includes(text.trim())
          ? ''
          : text
  const sure =
    confidence === undefined
      ? ''
      : ` <meter aria-hidden="true" min="0" max="1" value="${confidence}"></meter> ${toPercent(confidence)}`
  return `<p><small>${escapeMarkup(task)}${sure}</small>${said === '' ? '' : `\n${escapeMarkup(said)}`}</p>`
}

function listFindings(findings: ReturnType<typeof toFindings>): string {
  const shown = findings
    .slice(0, MAX_FINDINGS)
    .map(({ label, score }) => [
      label || 'region',
      ...(score === undefined ? [] : [toPercent(score)]),
    ])
    .map((parts) => parts.join(' '))
  const more = findings.length - shown.length
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(', ')
}

function toPercent(share: number): string {
  return `${Math.round(share * 100)}%`
}
