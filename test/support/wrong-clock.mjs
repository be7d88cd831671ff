// Preloaded into a process (node --import): its clock is ten minutes fast.
const AHEAD_MS = 600_000
const now = Date.now.bind(Date)
globalThis.Date = class extends Date {
  constructor(...given) {
    super(...(given.length === 0 ? [now() + AHEAD_MS] : given))
  }
  static now() {
    return now() + AHEAD_MS
  }
}
