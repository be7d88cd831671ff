// Marks a region with mouse, pen or finger; the fields beside it do for the keyboard.
import { useRef, useState } from 'preact/hooks'
import {
  type Box,
  type Frame,
  type Point,
  isDrag,
  toBox,
  toPicturePoint,
} from '../session/region.ts'
import type { Size } from '../session/session.ts'

export function RegionLayer({
  size,
  region,
  onRegion,
}: {
  readonly size: Size
  readonly region: Box | undefined
  readonly onRegion: (region: Box) => void
}) {
  const [drag, setDrag] = useState<{ readonly from: Point; readonly to: Point }>()
  const frameOf = (layer: Element): Frame => layer.getBoundingClientRect()
  const inPicture = (layer: Element, { from, to }: { from: Point; to: Point }): Box => {
    const frame = frameOf(layer)
    return toBox(toPicturePoint(from, frame, size), toPicturePoint(to, frame, size))
  }
  const layer = useRef<SVGSVGElement>(null)
  const shown =
    drag !== undefined && layer.current !== null ? inPicture(layer.current, drag) : region
  return (
    <svg
      ref={layer}
      class="region-layer"
      viewBox={`0 0 ${size.width} ${size.height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      onPointerDown={(event) => {
        // A second finger zooms, and what the first has begun to draw is given up.
        if (!event.isPrimary) setDrag(undefined)
        if (event.button !== 0 || !event.isPrimary) return
        event.currentTarget.setPointerCapture(event.pointerId)
        const point = { x: event.clientX, y: event.clientY }
        setDrag({ from: point, to: point })
      }}
      onPointerMove={({ clientX, clientY }) => {
        if (drag !== undefined) setDrag({ ...drag, to: { x: clientX, y: clientY } })
      }}
      onPointerUp={({ currentTarget, clientX, clientY }) => {
        if (drag === undefined) return
        const done = { from: drag.from, to: { x: clientX, y: clientY } }
        setDrag(undefined)
        if (isDrag(done.from, done.to)) onRegion(inPicture(currentTarget, done))
      }}
      onPointerCancel={() => setDrag(undefined)}
    >
      {shown === undefined ? null : (
        <>
          <RegionEdge box={shown} kind="rim" />
          <RegionEdge box={shown} kind="line" />
        </>
      )}
    </svg>
  )
}

/** A dark rim below a light line: to be seen on every picture. */
function RegionEdge({
  box: [x1, y1, x2, y2],
  kind,
}: {
  readonly box: Box
  readonly kind: 'rim' | 'line'
}) {
  return (
    <rect
      class={kind}
      x={x1}
      y={y1}
      width={x2 - x1}
      height={y2 - y1}
      vector-effect="non-scaling-stroke"
    />
  )
}
