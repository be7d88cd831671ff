// Which colour on the picture is what, where the shapes of several answers lie over each other.
import type { Layer } from '../session/layers.ts'

export interface LegendProps {
  /** Those that are shown. */
  readonly layers: readonly Layer[]
  /** Of each answer, by the key of its layer. */
  readonly titles: ReadonlyMap<string, string>
}

/** Names beyond this are counted: the list of the answer has them all. */
const MOST_NAMES = 8

export function Legend({ layers, titles }: LegendProps) {
  if (layers.length < 2) return null
  return (
    <dl class="legend" aria-label="Colours on the picture">
      {layers.map(({ key, findings, colours }) => {
        const names = new Map(findings.map(({ label }, index) => [label, colours[index]]))
        const shown = [...names].slice(0, MOST_NAMES)
        return (
          <div key={key}>
            <dt>{titles.get(key)}</dt>
            {shown.map(([label, colour]) => (
              <dd key={label}>
                <span class="swatch" style={{ background: colour ?? 'currentColor' }} />
                {label || 'without a name'}
              </dd>
            ))}
            {names.size > shown.length ? <dd>{names.size - shown.length} more</dd> : null}
          </div>
        )
      })}
    </dl>
  )
}
