// The picture, what was found on it, and the region that is being drawn.
import { useRef, useState } from 'preact/hooks'
import { DRAWING_SIDES } from '../../../src/caption/ports.ts'
import type { Layer, Pointed } from '../session/layers.ts'
import type { Box } from '../session/region.ts'
import type { Picture, Size } from '../session/session.ts'
import { Overlay } from './overlay.tsx'
import { RegionLayer } from './region-layer.tsx'
import { TextLayer } from './text-layer.tsx'
import type { Previews } from './use-previews.ts'
import { useZoom } from './use-zoom.ts'
import { ZoomButtons } from './zoom-buttons.tsx'

export interface StageProps {
  readonly picture: Picture
  readonly previews: Previews
  /** What lies over the picture. */
  readonly layers: readonly Layer[]
  /** The finding that stands out. */
  readonly pointed: Pointed | undefined
  readonly onPoint: (pointed: Pointed | undefined) => void
  readonly onSize: (size: Size) => void
  /** Present while a region can be drawn. */
  readonly onRegion: ((region: Box) => void) | undefined
}

/** As most photographs are. */
const UNSEEN: Size = { width: 4, height: 3 }

/** One stage for one picture: give it the picture's id as its key. */
export function Stage(props: StageProps) {
  const { picture, layers, pointed, onPoint, onRegion } = props
  // Of what is seen, where the size of the file is not known yet.
  const [seen, setSeen] = useState<Size>(UNSEEN)
  const size = picture.size ?? seen
  const view = useRef<HTMLDivElement>(null)
  const zoom = useZoom(view)
  return (
    <div class="stage-frame" style={{ '--ratio': size.width / size.height }}>
      <div
        ref={view}
        class="stage-window"
        role="group"
        aria-label="Picture; plus and minus zoom, 0 shows all of it"
        onKeyDown={zoom.onKeyDown}
        // Only what is larger than its window can be scrolled, and must be by keys.
        tabIndex={zoom.value > 1 ? 0 : -1}
        data-zoomed={zoom.value > 1}
      >
        <figure
          class={onRegion === undefined ? 'stage' : 'stage drawing-region'}
          style={{ '--zoom': zoom.value }}
        >
          <SeenPicture {...props} onSeen={setSeen} />
          {layers.map((layer) => (
            <Overlay key={layer.key} layer={layer} pointed={pointed} onPoint={onPoint} />
          ))}
          {layers.map(({ key, findings, isText }) =>
            isText ? <TextLayer key={key} findings={findings} size={size} /> : null,
          )}
          {picture.size === undefined || onRegion === undefined ? null : (
            <RegionLayer size={picture.size} region={picture.region} onRegion={onRegion} />
          )}
        </figure>
      </div>
      <ZoomButtons zoom={zoom} window={view} />
    </div>
  )
}

function SeenPicture({
  picture,
  previews,
  onSize,
  onSeen,
}: StageProps & { readonly onSeen: (size: Size) => void }) {
  const url = previews.urlOf(picture)
  if (url === undefined) {
    return (
      <p class="unseen">
        {previews.isComing(picture)
          ? `This browser cannot show ${picture.name}: FloCap’s own view of it is on its way.`
          : `This browser cannot show ${picture.name}. FloCap may read it all the same.`}
      </p>
    )
  }
  return (
    <img
      src={url}
      alt={picture.name}
      draggable={false}
      onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) => {
        // A preview of the longest side may be smaller than its file; any other is as large.
        const isWhole = previews.isFile(picture) || Math.max(width, height) < DRAWING_SIDES.preview
        if (isWhole) onSize({ width, height })
        else onSeen({ width, height })
      }}
      onError={() => previews.onFault(picture)}
    />
  )
}
