// The shapes of one answer over the picture.
import { useEffect, useRef } from 'preact/hooks'
import { findingOf, highlight, parseDrawing } from '../session/drawing.ts'
import type { Layer, Pointed } from '../session/layers.ts'

export interface OverlayProps {
  readonly layer: Layer
  readonly pointed: Pointed | undefined
  readonly onPoint: (pointed: Pointed | undefined) => void
}

export function Overlay({ layer: { key, svg }, pointed, onPoint }: OverlayProps) {
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    host.current?.replaceChildren(parseDrawing(svg))
  }, [svg])
  useEffect(() => {
    const root = host.current?.firstElementChild
    const finding = pointed?.key === key ? pointed.finding : undefined
    if (root) highlight(root, finding, pointed !== undefined)
  }, [svg, key, pointed])
  return (
    <div
      ref={host}
      class="overlay"
      // The list beside it says the same in words.
      aria-hidden="true"
      onPointerOver={({ target }) => {
        const finding = findingOf(target)
        onPoint(finding === undefined ? undefined : { key, finding })
      }}
      onPointerLeave={() => onPoint(undefined)}
    />
  )
}
