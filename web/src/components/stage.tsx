// The picture, what was found on it, and the region that is being drawn.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Server } from '../server/server.ts'
import { findingOf, highlight, parseDrawing } from '../session/drawing.ts'
import {
  type Box,
  type Frame,
  type Point,
  isDrag,
  toBox,
  toPicturePoint,
} from '../session/region.ts'
import type { Picture, Size } from '../session/session.ts'
import { useSeenPicture } from './use-seen-picture.ts'

export interface StageProps {
  readonly server: Server
  readonly picture: Picture
  /** Drawing to lay over the picture, as SVG. */
  readonly drawing: string | undefined
  /** Number of the finding that stands out. */
  readonly active: number | undefined
  readonly onActive: (finding: number | undefined) => void
  readonly onSize: (size: Size) => void
  /** Present while a region can be drawn. */
  readonly onRegion: ((region: Box) => void) | undefined
}

/** One stage for one picture: give it the picture's id as its key. */
export function Stage(props: StageProps) {
  const { server, picture, drawing, active, onActive, onSize, onRegion } = props
  const seen = useSeenPicture(server, picture)
  const ratio = picture.size === undefined ? 1 : picture.size.width / picture.size.height
  return (
    <figure
      class={onRegion === undefined ? 'stage' : 'stage drawing-region'}
      style={{ '--ratio': ratio }}
    >
      {seen.isUnseen ? (
        <p class="unseen">
          This browser cannot show {picture.name}. FloCap may read it all the same.
        </p>
      ) : (
        <img
          src={seen.url}
          alt={picture.name}
          draggable={false}
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
            onSize({ width: naturalWidth, height: naturalHeight })
          }
          onError={seen.onFault}
        />
      )}
      {drawing === undefined ? null : <Overlay svg={drawing} active={active} onActive={onActive} />}
      {picture.size === undefined || onRegion === undefined ? null : (
        <RegionLayer size={picture.size} region={picture.region} onRegion={onRegion} />
      )}
    </figure>
  )
}

function Overlay({
  svg,
  active,
  onActive,
}: {
  readonly svg: string
  readonly active: number | undefined
  readonly onActive: StageProps['onActive']
}) {
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const drawing = parseDrawing(svg)
    host.current?.replaceChildren(drawing.root)
    highlight(drawing, undefined)
  }, [svg])
  useEffect(() => {
    const root = host.current?.firstElementChild
    if (root) highlight({ root }, active)
  }, [svg, active])
  return (
    <div
      ref={host}
      class="overlay"
      // The list beside it says the same in words.
      aria-hidden="true"
      onPointerOver={({ target }) => onActive(findingOf(target))}
      onPointerLeave={() => onActive(undefined)}
    />
  )
}

/** Marks a region with mouse, pen or finger; the fields beside it do for the keyboard. */
function RegionLayer({
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
        if (event.button !== 0) return
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
