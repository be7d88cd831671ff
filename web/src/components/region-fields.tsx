// The marked region as four numbers: for the keyboard, and for who knows them.
import { useEffect, useState } from 'preact/hooks'
import { type Box, regionFault } from '../session/region.ts'
import type { Size } from '../session/session.ts'

const EDGES = ['left', 'top', 'right', 'bottom'] as const

export interface RegionFieldsProps {
  readonly region: Box | undefined
  readonly size: Size
  readonly onRegion: (region: Box | undefined) => void
}

export function RegionFields({ region, size, onRegion }: RegionFieldsProps) {
  const [texts, setTexts] = useState<readonly string[]>(toTexts(region))
  // A region that was drawn replaces what was typed; what is being typed stays as it is.
  useEffect(() => {
    if (region !== undefined) setTexts(toTexts(region))
  }, [region])

  const isBegun = texts.some((text) => text.trim() !== '')
  const isWhole = texts.every((text) => text.trim() !== '')
  const fault = isWhole ? regionFault(readBox(texts), size) : undefined

  const type = (edge: number, text: string): void => {
    const typed = texts.map((before, index) => (index === edge ? text : before))
    setTexts(typed)
    const box = readBox(typed)
    onRegion(regionFault(box, size) === undefined ? box : undefined)
  }

  return (
    <fieldset class="region-fields">
      <legend>Region in pixels</legend>
      <div class="edges">
        {EDGES.map((edge, index) => (
          <label key={edge} class="field">
            {edge}
            <input
              type="number"
              min={0}
              max={index % 2 === 0 ? size.width : size.height}
              value={texts[index] ?? ''}
              aria-invalid={fault !== undefined}
              onInput={({ currentTarget }) => type(index, currentTarget.value)}
            />
          </label>
        ))}
        {isBegun ? (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              setTexts(toTexts(undefined))
              onRegion(undefined)
            }}
          >
            Clear
          </button>
        ) : null}
      </div>
      <p class={fault === undefined ? 'hint' : 'field-fault'} aria-live="polite">
        {fault ?? 'Draw it on the picture, or type it.'}
      </p>
    </fieldset>
  )
}

function toTexts(region: Box | undefined): readonly string[] {
  return region === undefined ? EDGES.map(() => '') : region.map(String)
}

/** What is no number becomes NaN, which is no region. */
function readBox(texts: readonly string[]): Box {
  const edge = (index: number): number => {
    const text = texts[index]?.trim() ?? ''
    return text === '' ? Number.NaN : Number(text)
  }
  return [edge(0), edge(1), edge(2), edge(3)]
}
