// A caption whose words lead to the places that were found for them, and back.
import { linkPhrases } from '../session/phrases.ts'
import type { Layer, Pointed } from '../session/layers.ts'

export interface LinkedTextProps {
  readonly text: string
  /** What was found for phrases of the text; undefined where it was not asked. */
  readonly layer: Layer | undefined
  readonly pointed: Pointed | undefined
  readonly onPoint: (pointed: Pointed | undefined) => void
}

export function LinkedText({ text, layer, pointed, onPoint }: LinkedTextProps) {
  if (layer === undefined) return <p class="answer-text">{text}</p>
  const { key, colours, findings } = layer
  const segments = linkPhrases(
    text,
    findings.map(({ label }) => label),
  )
  return (
    <p class="answer-text">
      {segments.map((segment, index) => {
        const [finding] = segment.findings
        if (finding === undefined) return segment.text
        const isActive = pointed?.key === key && segment.findings.includes(pointed.finding)
        return (
          <mark
            key={index}
            class="phrase"
            data-active={isActive}
            style={{ '--colour': colours[finding] ?? 'currentColor' }}
            onPointerEnter={() => onPoint({ key, finding })}
            onPointerLeave={() => onPoint(undefined)}
          >
            {segment.text}
          </mark>
        )
      })}
    </p>
  )
}
