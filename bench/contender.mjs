// One program under measurement, in processes of its own: started, asked for captions, weighed, ended.
// All contenders have the same face: { readyMs, caption(picture, { tokens, beams }), peakMemory, close }.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))

let serial = 0
/**
 * The picture under another hash: bytes behind its end change nothing but defeat every cache. All
 * contenders get such copies.
 */
function freshCopy(picture) {
  serial += 1
  return Buffer.concat([picture, Buffer.from(String(serial))])
}

/** Peak resident memory of a process and all that it started, in MB. Linux only. */
function peakMemory(pid) {
  const own =
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    try {
      return readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
        .split(' ')
        .filter(Boolean)
        .map(Number)
    } catch {
      return []
    }
  })
  return own + children.reduce((total, child) => total + peakMemory(child), 0)
}

async function end(child) {
  if (child.exitCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

/** FloCap as its users run it: the built program, over HTTP. */
export async function startFlocap({ checkpoint, home, precision }) {
  const began = performance.now()
  const args = [
    'serve',
    '--port',
    '0',
    '--model',
    checkpoint,
    '--precision',
    precision,
    '--answer-cache-mb',
    '0',
    '--home',
    home,
  ]
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  let url
  await new Promise((resolve, reject) => {
    let written = ''
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      written += chunk
      url ??= /http:\/\/127\.0\.0\.1:\d+/.exec(written)?.[0]
      if (/^Ready/m.test(written)) resolve()
    })
    child.on('exit', () => reject(new Error(`flocap ended:\n${written}`)))
  })
  const readyMs = performance.now() - began
  return {
    readyMs,
    async caption(picture, { tokens, beams }) {
      const start = performance.now()
      const query = new URLSearchParams({
        task: 'more_detailed_caption',
        num_beams: beams,
        max_new_tokens: tokens,
      })
      const response = await fetch(`${url}/api/v1/caption?${query}`, {
        method: 'POST',
        body: freshCopy(picture),
      })
      const body = await response.json()
      const ms = performance.now() - start
      if (!response.ok) throw new Error(JSON.stringify(body))
      const [answer] = body.images[0].answers
      return {
        ms,
        tokens: answer.usage.completion_tokens,
        text: answer.text,
        stages: answer.timings_ms,
      }
    },
    /** Round trip of a small request: what the event loop of the server is late by, and a little more. */
    async ping() {
      const start = performance.now()
      await (await fetch(`${url}/health`)).arrayBuffer()
      return performance.now() - start
    },
    peakMemory: () => peakMemory(child.pid),
    close: () => end(child),
  }
}

/**
 * A program that reads requests as lines of JSON, `{ id, picture: path, tokens, beams }`, and answers
 * `{ id, tokens, text }` or `{ id, error }`, after a first line `{ ready: true }`.
 */
export async function startPiped({ name, command, args }) {
  const began = performance.now()
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting = new Map()
  const file = join(tmpdir(), `flocap-bench-${process.pid}-${child.pid}.jpg`)
  let ready
  const loaded = new Promise((resolve, reject) => {
    ready = resolve
    child.on('error', reject)
    child.on('exit', (code) => {
      const error = new Error(`${name} ended with code ${code}`)
      reject(error)
      for (const { fail } of waiting.values()) fail(error)
    })
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{')) return
    const message = JSON.parse(line)
    if (message.ready) ready()
    else waiting.get(message.id)?.done(message)
  })
  await loaded
  const readyMs = performance.now() - began
  let written = false
  return {
    readyMs,
    async caption(picture, { tokens, beams }) {
      // Nothing is cached there, so one file serves all requests.
      if (!written) writeFileSync(file, picture)
      written = true
      serial += 1
      const id = serial
      const start = performance.now()
      const answer = await new Promise((done, fail) => {
        waiting.set(id, { done, fail })
        child.stdin.write(`${JSON.stringify({ id, picture: file, tokens, beams })}\n`)
      })
      waiting.delete(id)
      if (answer.error) throw new Error(`${name}: ${answer.error}`)
      return { ms: performance.now() - start, tokens: answer.tokens, text: answer.text }
    },
    peakMemory: () => peakMemory(child.pid),
    async close() {
      await end(child)
      rmSync(file, { force: true })
    },
  }
}
