// The sample pictures that the server offers. The page waits for them, so that nothing moves when they come.
import { useEffect, useState } from 'preact/hooks'
import type { NamedAddress, Server } from '../server/server.ts'

/** Undefined while they are not known; none where there are none. */
export function useSamples(server: Server): readonly NamedAddress[] | undefined {
  const [samples, setSamples] = useState<readonly NamedAddress[]>()
  useEffect(() => {
    // Without samples the page is whole: there is nothing to say about it.
    server.samples().then(setSamples, () => setSamples([]))
  }, [server])
  return samples
}
