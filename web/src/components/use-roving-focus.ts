// Many buttons as one stop of the Tab key: the arrows go from one to the next.
import { useState } from 'preact/hooks'

const ITEM = 'data-roving'

const STEPS: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowDown: 1,
  ArrowLeft: -1,
  ArrowUp: -1,
  Home: -Infinity,
  End: Infinity,
}

/** Where a key leads from the item at `at`, of `count`; undefined for any other key. */
export function stepOf(key: string, at: number, count: number): number | undefined {
  const step = STEPS[key]
  return step === undefined ? undefined : Math.min(Math.max(at + step, 0), count - 1)
}

export interface RovingFocus {
  /** For what contains the items. */
  readonly onKeyDown: (event: KeyboardEvent) => void
  /** For the item at `index`. */
  readonly itemAt: (index: number) => {
    readonly tabIndex: number
    readonly onFocusCapture: () => void
    readonly [ITEM]: ''
  }
}

/** @param count of the items; the one that had the focus last is the stop. */
export function useRovingFocus(count: number): RovingFocus {
  const [last, setLast] = useState(0)
  const stop = Math.min(last, Math.max(count - 1, 0))
  return {
    onKeyDown: (event) => {
      const { currentTarget, key, target } = event
      if (!(currentTarget instanceof Element)) return
      const items = [...currentTarget.querySelectorAll<HTMLElement>(`[${ITEM}]`)].filter((item) =>
        item.checkVisibility(),
      )
      const at = items.findIndex((item) => item === target)
      const next = stepOf(key, at, items.length)
      if (at === -1 || next === undefined) return
      event.preventDefault()
      items[next]?.focus()
    },
    itemAt: (index) => ({
      tabIndex: index === stop ? 0 : -1,
      onFocusCapture: () => setLast(index),
      [ITEM]: '',
    }),
  }
}
