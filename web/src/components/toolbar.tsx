// Buttons that belong together, as one stop of the Tab key: the arrows go from one to the next.
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { stepOf } from './use-roving-focus.ts'

export interface ToolbarProps {
  readonly label: string
  readonly children: ComponentChildren
}

export function Toolbar({ label, children }: ToolbarProps) {
  const bar = useRef<HTMLDivElement>(null)
  const buttons = (): HTMLElement[] => [...(bar.current?.querySelectorAll('button') ?? [])]
  /** The stop is the button that had the focus last, or else the first. */
  const stopAt = (stop: Element | undefined): void => {
    for (const each of buttons()) each.tabIndex = each === stop ? 0 : -1
  }
  useLayoutEffect(() => {
    const all = buttons()
    if (all.filter(({ tabIndex }) => tabIndex === 0).length !== 1) stopAt(all[0])
  })
  return (
    <div
      ref={bar}
      class="toolbar"
      role="toolbar"
      aria-label={label}
      onFocusCapture={({ target }) => {
        if (target instanceof HTMLButtonElement) stopAt(target)
      }}
      onKeyDown={(event) => {
        const all = buttons()
        const at = all.findIndex((each) => each === event.target)
        const next = stepOf(event.key, at, all.length)
        if (at === -1 || next === undefined) return
        event.preventDefault()
        all[next]?.focus()
      }}
    >
      {children}
    </div>
  )
}
