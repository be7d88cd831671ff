// Text that was read, at its place over the picture: it can be selected and copied there, as in a PDF.
import type { Finding } from '../../../src/caption/findings.ts'
import type { Size } from '../session/session.ts'
import { textPlaces } from '../session/text-places.ts'

export interface TextLayerProps {
  readonly findings: readonly Finding[]
  readonly size: Size
}

export function TextLayer({ findings, size: { width, height } }: TextLayerProps) {
  return (
    // The list of what was read is there for people who do not see the picture.
    <svg class="text-layer" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {textPlaces(findings).map(({ text, x, y, length, height: size, angle }, index) => (
        <text
          key={index}
          x={x}
          y={y}
          font-size={size}
          textLength={length}
          lengthAdjust="spacingAndGlyphs"
          transform={`rotate(${angle} ${x} ${y})`}
        >
          {text}
        </text>
      ))}
    </svg>
  )
}
