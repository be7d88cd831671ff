// Whether a time has passed since the page began.
import { useEffect, useState } from 'preact/hooks'

export function useLateness(afterMs: number): boolean {
  const [isLate, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), afterMs)
    return () => clearTimeout(timer)
  }, [afterMs])
  return isLate
}
