// The picture, what was found on it, and the region that is being drawn.
import type { Server } from '../server/server.ts'
import type { Layer, Pointed } from '../session/layers.ts'
import type { Box } from '../session/region.ts'
import type { Picture, Size } from '../session/session.ts'
import { Overlay } from './overlay.tsx'
import { RegionLayer } from './region-layer.tsx'
import { useSeenPicture } from './use-seen-picture.ts'

export interface StageProps {
  readonly server: Server
  readonly picture: Picture
  /** What lies over the picture. */
  readonly layers: readonly Layer[]
  /** The finding that stands out. */
  readonly pointed: Pointed | undefined
  readonly onPoint: (pointed: Pointed | undefined) => void
  readonly onSize: (size: Size) => void
  /** Present while a region can be drawn. */
  readonly onRegion: ((region: Box) => void) | undefined
}

/** One stage for one picture: give it the picture's id as its key. */
export function Stage(props: StageProps) {
  const { server, picture, layers, pointed, onPoint, onSize, onRegion } = props
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
      {layers.map((layer) => (
        <Overlay key={layer.key} layer={layer} pointed={pointed} onPoint={onPoint} />
      ))}
      {picture.size === undefined || onRegion === undefined ? null : (
        <RegionLayer size={picture.size} region={picture.region} onRegion={onRegion} />
      )}
    </figure>
  )
}
