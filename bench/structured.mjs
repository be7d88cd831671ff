// What an answer that fits a schema costs beside a plain caption: title, caption, tags and text of a
// picture, five tasks on one pass of the vision encoder. Needs the built program.
//
//   node bench/structured.mjs [--model bundled] [--rounds 24] [--port 6199]
//
// Plain and structured requests take turns, each about a picture that the server has not seen: neither
// finds an encoded picture or an answer that is known.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import sharp from 'sharp'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: 'bundled' },
    rounds: { type: 'string', default: '24' },
    port: { type: 'string', default: '6199' },
  },
})
const rounds = Number(options.rounds)
const url = `http://127.0.0.1:${options.port}`

const text = { type: 'string' }
const properties = { title: text, caption: text, tags: { type: 'array', items: text }, text }
const schema = { type: 'object', properties, required: Object.keys(properties) }
const structured = { response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } }

const flags = ['--model', options.model, '--port', options.port, '--answer-cache-mb', '0']
const server = spawn(process.execPath, [here('../dist/cli/main.js'), 'serve', ...flags], {
  stdio: 'ignore',
})
try {
  await untilReady()
  const times = { plain: [], structured: [] }
  for (let round = 0; round < 2 * rounds + 2; round += 1) {
    const kind = round % 2 === 0 ? 'plain' : 'structured'
    const ms = await ask(await pictureOf(round), kind === 'plain' ? {} : structured)
    // The first of each kind warms up.
    if (round >= 2) times[kind].push(ms)
  }
  const plain = median(times.plain)
  const whole = median(times.structured)
  console.log(`plain caption:        ${plain.toFixed(0)} ms`)
  console.log(`title, caption, tags, text: ${whole.toFixed(0)} ms`)
  console.log(`ratio:                ${(whole / plain).toFixed(2)} (threshold 1.60)`)
} finally {
  server.kill()
}

/** A sample with one changed corner, so that its bytes are new and what is on it is not. */
async function pictureOf(round) {
  const number = String(Math.floor(round / 2) % 25).padStart(2, '0')
  const file = here(`../models/flocap-demo/samples/scene-${number}.png`)
  const background = { r: round % 256, g: 0, b: 0 }
  const corner = await sharp({ create: { width: 2, height: 2, channels: 3, background } })
    .png()
    .toBuffer()
  const picture = await sharp(file)
    .composite([{ input: corner, left: 0, top: 0 }])
    .png()
    .toBuffer()
  return `data:image/png;base64,${picture.toString('base64')}`
}

async function ask(picture, fields) {
  const content = [{ type: 'image_url', image_url: { url: picture } }]
  const began = performance.now()
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ role: 'user', content }], ...fields }),
  })
  const body = await response.text()
  if (!response.ok) throw new Error(body)
  return performance.now() - began
}

async function untilReady() {
  for (;;) {
    const response = await fetch(`${url}/readyz`).catch(() => undefined)
    if (response?.ok) return
    if (server.exitCode !== null) throw new Error('The server did not start.')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
}
