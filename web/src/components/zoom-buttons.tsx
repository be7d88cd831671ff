// Larger, smaller, all of it, the whole screen.
import type { RefObject } from 'preact'
import { LEAST_ZOOM, MOST_ZOOM, ZOOM_STEP } from '../session/zoom.ts'
import { Toolbar } from './toolbar.tsx'
import type { Zoom } from './use-zoom.ts'

export interface ZoomButtonsProps {
  readonly zoom: Zoom
  readonly window: RefObject<HTMLElement>
}

export function ZoomButtons({ zoom: { value, change }, window }: ZoomButtonsProps) {
  return (
    <div class="zoom-buttons">
      <Toolbar label="Size of the picture">
        <button
          type="button"
          aria-label="Smaller"
          aria-disabled={value <= LEAST_ZOOM}
          onClick={() => change(value / ZOOM_STEP)}
        >
          −
        </button>
        <button
          type="button"
          aria-label="Larger"
          aria-disabled={value >= MOST_ZOOM}
          onClick={() => change(value * ZOOM_STEP)}
        >
          +
        </button>
        {document.fullscreenEnabled ? (
          <button
            type="button"
            aria-label="Full screen"
            onClick={() => void window.current?.requestFullscreen()}
          >
            <svg viewBox="0 0 16 16" aria-hidden="true">
              <path d="M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4" />
            </svg>
          </button>
        ) : null}
      </Toolbar>
    </div>
  )
}
