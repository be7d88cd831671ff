// An engine process without a model: what it does with a request stands in the picture's first bytes.
// It speaks the protocol of src/engine/protocol.ts.

/** `picture` is text: what to do. */
const ACTIONS = {
  crash: () => process.kill(process.pid, 'SIGSEGV'),
  exit: () => process.exit(3),
  hang: () => {
    for (;;);
  },
}

const ANSWER_MS = 50
const description = {
  id: 'scripted',
  demo: false,
  imageSize: 1,
  precision: 'none',
  fingerprint: 'f'.repeat(64),
  kernels: 'none',
  parameters: 0,
  createdAt: 0,
}
const started = performance.now()

function answer(id, picture) {
  const text = Buffer.from(picture).toString()
  const act = ACTIONS[text.split(' ')[0]]
  // A moment later, so that others are in flight too.
  setTimeout(
    () => {
      if (act) return act()
      process.send({
        type: 'answered',
        id,
        answer: {
          picture: { width: 1, height: 1 },
          answers: [
            {
              promptTokens: 1,
              sequences: [{ text, tokens: [], logProbs: [], score: 0, finishReason: 'stop' }],
            },
          ],
          timings: { picture: 0, vision: 0, prefill: 0, decode: 0 },
        },
      })
    },
    act ? ANSWER_MS / 2 : ANSWER_MS,
  )
}

process.on('message', (message) => {
  if (message.type === 'load') process.send({ type: 'ready', description })
  if (message.type === 'answer') answer(message.id, message.request.picture)
  if (message.type === 'close') process.disconnect()
})
process.on('disconnect', () => process.exit())

// Grows by a megabyte each millisecond, as far as its supervisor can tell.
setInterval(() => {
  const residentBytes = Math.round(performance.now() - started) * 1024 * 1024
  process.send({ type: 'status', residentBytes })
}, 100).unref()
