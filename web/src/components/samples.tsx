// Sample pictures for people who have none at hand; they step back once there is a picture.
import type { NamedAddress } from '../server/server.ts'
import { useRovingFocus } from './use-roving-focus.ts'

export interface SamplesProps {
  readonly samples: readonly NamedAddress[]
  /** Folded away, for a page that has something better to show. */
  readonly isAside: boolean
  readonly onSample: (sample: NamedAddress) => void
}

export function Samples({ samples, isAside, onSample }: SamplesProps) {
  if (samples.length === 0) return null
  const pictures = <SamplePictures samples={samples} onSample={onSample} />
  return (
    <section class="samples" aria-labelledby="samples-title">
      {isAside ? (
        <details>
          <summary id="samples-title">Samples</summary>
          {pictures}
        </details>
      ) : (
        <>
          <h2 id="samples-title">Samples</h2>
          {pictures}
        </>
      )}
    </section>
  )
}

function SamplePictures({
  samples,
  onSample,
}: {
  readonly samples: readonly NamedAddress[]
  readonly onSample: (sample: NamedAddress) => void
}) {
  const { onKeyDown, itemAt } = useRovingFocus(samples.length)
  return (
    <div class="sample-list" role="toolbar" aria-label="Samples" onKeyDown={onKeyDown}>
      {samples.map((sample, index) => (
        <button
          key={sample.name}
          type="button"
          class="thumbnail"
          aria-label={`Sample ${index + 1}`}
          onClick={() => onSample(sample)}
          {...itemAt(index)}
        >
          <img src={sample.url} alt="" loading="lazy" />
        </button>
      ))}
    </div>
  )
}
