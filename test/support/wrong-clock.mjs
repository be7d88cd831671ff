// Preloaded into a process (node --import): its clock is ten minutes fast.
const AHEAD_MS = 600_000
const now = Date.now.bind(Date)
Date.now = () => now() + AHEAD_MS
