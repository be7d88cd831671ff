// Sample pictures, for who has none at hand.
import { useEffect, useState } from 'preact/hooks'
import type { NamedAddress, Server } from '../server/server.ts'

export interface SamplesProps {
  readonly server: Server
  readonly onSample: (sample: NamedAddress) => void
}

export function Samples({ server, onSample }: SamplesProps) {
  const [samples, setSamples] = useState<readonly NamedAddress[]>([])
  useEffect(() => {
    // Without samples the page is whole: there is nothing to say about it.
    server.samples().then(setSamples, () => setSamples([]))
  }, [server])
  if (samples.length === 0) return null
  return (
    <section class="samples" aria-labelledby="samples-title">
      <h2 id="samples-title">Samples</h2>
      <ul>
        {samples.map((sample, index) => (
          <li key={sample.name}>
            <button
              type="button"
              class="thumbnail"
              aria-label={`Sample ${index + 1}`}
              onClick={() => onSample(sample)}
            >
              <img src={sample.url} alt="" loading="lazy" />
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
