// So much of one kind of work in a turn of the event loop, and no more: what many ask for at once comes
// in small portions, and between them everybody else has a turn.

/** Resolves when it is the caller's turn: `perTurn` of them at once, in the order in which they came. */
export type Pacer = () => Promise<void>

export function createPacer(perTurn: number): Pacer {
  const waiting: (() => void)[] = []
  let left = perTurn
  let scheduled = false

  const nextTurn = (): void => {
    scheduled = false
    const begun = waiting.splice(0, perTurn)
    left = perTurn - begun.length
    if (begun.length > 0) schedule()
    for (const begin of begun) begin()
  }

  const schedule = (): void => {
    if (scheduled) return
    scheduled = true
    setImmediate(nextTurn)
  }

  return async () => {
    schedule()
    if (left > 0) {
      left -= 1
      return
    }
    await new Promise<void>((resolve) => {
      waiting.push(resolve)
    })
  }
}
