// What an answer found, as a list: each can be pointed at or tabbed to, and then stands out on the picture.
import { placeOf } from '../session/answers.ts'
import type { AnswerProps } from './answer.tsx'
import type { Layer } from '../session/layers.ts'
import { useRovingFocus } from './use-roving-focus.ts'

export type FindingsProps = Pick<AnswerProps, 'isShown' | 'onShow' | 'pointed' | 'onPoint'> & {
  readonly layer: Layer
}

export function Findings({ layer, isShown, onShow, pointed, onPoint }: FindingsProps) {
  const { key, findings, colours } = layer
  const { onKeyDown, itemAt } = useRovingFocus(findings.length)
  const point = (finding: number): void => {
    if (!isShown) onShow(key, true)
    onPoint({ key, finding })
  }
  return (
    <ol class="findings" onKeyDown={onKeyDown}>
      {findings.map(({ label, outlines }, finding) => (
        <li key={finding}>
          <button
            type="button"
            class="finding"
            data-active={pointed?.key === key && pointed.finding === finding}
            onPointerEnter={() => point(finding)}
            onPointerLeave={() => onPoint(undefined)}
            onFocus={() => point(finding)}
            onBlur={() => onPoint(undefined)}
            {...itemAt(finding)}
          >
            <span class="swatch" style={{ background: colours[finding] ?? 'currentColor' }} />
            <span class="label">{label || 'without a name'}</span>
            <span class="place">{placeOf({ outlines })}</span>
          </button>
        </li>
      ))}
    </ol>
  )
}
