// What the page shows before there is a picture.
import { PictureInput } from './picture-input.tsx'

export interface DropZoneProps {
  readonly onFiles: (files: readonly File[]) => void
}

export function DropZone({ onFiles }: DropZoneProps) {
  return (
    <div class="drop-zone">
      <p class="invitation">Drop a picture here</p>
      <p>or paste one, or</p>
      <PictureInput label="Choose pictures" onFiles={onFiles} />
    </div>
  )
}
