// Several requests at once. Small requests are sent meanwhile where the program is a server: their round
// trips tell how long its event loop is blocked.

/** Enough for a percentile in a few seconds; more would take time from the captions that are measured. */
const PING_PAUSE_MS = 50

/** One entry for each program, search, number of clients and round; everybody in turn. */
export async function measureLoad({ programs, picture, tokens, rounds, clients }) {
  const measured = []
  for (const count of clients) {
    for (let round = 0; round < rounds; round += 1) {
      for (const program of programs.filter(({ load }) => load.length > 0)) {
        const contender = await program.start()
        for (const beams of program.load) {
          const run = await measureOne(contender, picture, { tokens, beams }, count)
          measured.push({ program: program.name, beams, clients: count, ...run })
          console.log(
            `${count} at once: ${program.name}, ${beams} beams: ${((count * 60_000) / run.ms).toFixed(1)} captions a minute`,
          )
        }
        await contender.close()
      }
    }
  }
  return measured
}

async function measureOne(contender, picture, request, clients) {
  await contender.caption(picture, request)
  const pings = []
  const work = { isRunning: true }
  const watch = (async () => {
    while (work.isRunning && contender.ping) {
      pings.push(await contender.ping())
      await new Promise((resolve) => setTimeout(resolve, PING_PAUSE_MS))
    }
  })()
  const began = performance.now()
  const answers = await Promise.all(
    Array.from({ length: clients }, () => contender.caption(picture, request)),
  )
  const ms = performance.now() - began
  work.isRunning = false
  await watch
  return {
    ms,
    each: answers.map((answer) => answer.ms),
    peakMb: contender.peakMemory(),
    pingP50: percentile(pings, 0.5),
    pingP99: percentile(pings, 0.99),
  }
}

function percentile(numbers, part) {
  if (numbers.length === 0) return null
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length * part)]
}
