// Whether the model can answer now. Asked again and again only while it cannot.
import { useCallback, useEffect, useState } from 'preact/hooks'
import { toProblem } from '../server/problem.ts'
import type { Server } from '../server/server.ts'
import type { Readiness } from '../server/wire.ts'

/** Progress of a download moves by whole percents, which take a second or more. */
const POLL_MS = 1000

export type Availability =
  | { readonly state: 'unknown' }
  | { readonly state: Readiness['status']; readonly reason?: string }
  /** Nobody answers at this address. */
  | { readonly state: 'unreachable'; readonly reason: string }

/** A full queue refuses what it must; everything else is answered. */
export function canAnswer({ state }: Availability): boolean {
  return state === 'ready' || state === 'busy'
}

export function useReadiness(server: Server): readonly [Availability, recheck: () => void] {
  const [availability, setAvailability] = useState<Availability>({ state: 'unknown' })
  const [round, setRound] = useState(0)
  const isSettled = canAnswer(availability)

  useEffect(() => {
    if (isSettled) return undefined
    let stopped = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async (): Promise<void> => {
      const found = await askReadiness(server)
      if (stopped) return
      setAvailability(found)
      timer = setTimeout(() => void look(), POLL_MS)
    }
    void look()
    return () => {
      stopped = true
      clearTimeout(timer)
    }
  }, [server, isSettled, round])

  const recheck = useCallback(() => {
    setAvailability({ state: 'unknown' })
    setRound((before) => before + 1)
  }, [])
  return [availability, recheck]
}

async function askReadiness(server: Server): Promise<Availability> {
  try {
    const { status, reason } = await server.readiness()
    return reason === undefined ? { state: status } : { state: status, reason }
  } catch (error) {
    return { state: 'unreachable', reason: toProblem(error).message }
  }
}
