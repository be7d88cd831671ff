// What fronts and workers share beside their jobs: a few small values with names that end by themselves. Times
// are the broker's own, so that clocks may differ between machines.

export interface SharedStore {
  /** Replaces what is there. */
  put(name: string, value: string, milliseconds: number): Promise<void>
  /** Whether the name was free, and is now taken. */
  putIfAbsent(name: string, value: string, milliseconds: number): Promise<boolean>
  /** Lets a value live on from now, if it is still `value`; whether it was. */
  prolong(name: string, value: string, milliseconds: number): Promise<boolean>
  get(name: string): Promise<string | undefined>
  /** Values of the names that begin so, in any order. */
  list(prefix: string): Promise<readonly string[]>
  remove(name: string): Promise<void>
  close(): Promise<void>
}
