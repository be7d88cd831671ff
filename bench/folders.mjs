// `flocap caption` over a folder: pictures a second with one at a time and with several in flight, beside a
// server that is asked the same way; and what both processes hold after few and after many pictures.
//
//   npm run build && node bench/folders.mjs [--pictures 200] [--memory 100,10000]
//
// The engine of such a run remembers 16 MiB of encoded pictures (443 of the demo's, 9 of
// Florence-2-base), a server's 64 MiB: it grows by that until they are full. `--pictures 0` measures
// memory alone.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values: options } = parseArgs({
  options: {
    pictures: { type: 'string', default: '200' },
    memory: { type: 'string', default: '' },
    jobs: { type: 'string', default: '6' },
    model: { type: 'string', default: 'bundled' },
  },
})
const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const PROGRAM = here('../dist/cli/main.js')
const SAMPLES = here('../models/flocap-demo/samples/')
const FEW_MS = 200
/** From the fewest pictures to the most, both processes together. */
const MOST_GROWTH_MB = 100

/** Different bytes each: the same picture would be known. */
function createPictures(count) {
  const folder = mkdtempSync(join(tmpdir(), 'flocap-bench-'))
  const samples = readdirSync(SAMPLES)
    .filter((name) => name.endsWith('.png'))
    .map((name) => readFileSync(join(SAMPLES, name)))
  for (let index = 0; index < count; index += 1) {
    const bytes = Buffer.concat([samples[index % samples.length], Buffer.from(`#${index}`)])
    writeFileSync(join(folder, `${String(index).padStart(6, '0')}.png`), bytes)
  }
  return folder
}

/** Runs the command; the time is from the first caption to the last, without the start. */
async function runFolder(folder, jobs) {
  const args = ['caption', folder, '--task', 'caption', '--format', 'txt,jsonl', '--overwrite']
  const child = spawn(process.execPath, [
    PROGRAM,
    ...args,
    '--jobs',
    jobs,
    '--model',
    options.model,
  ])
  let first
  let last
  let lines = 0
  const peaks = { commandMb: 0, engineMb: 0 }
  const timer = setInterval(() => measurePeaks(child.pid, peaks), FEW_MS)
  child.stdout.on('data', (chunk) => {
    last = performance.now()
    first ??= last
    lines += chunk.toString().split('\n').length - 1
  })
  child.stderr.resume()
  const code = await new Promise((resolve) => child.on('close', resolve))
  clearInterval(timer)
  if (code !== 0) throw new Error(`flocap caption ended with ${code}`)
  return { perSecond: (lines - 1) / ((last - first) / 1000), ...peaks }
}

function measurePeaks(pid, peaks) {
  try {
    peaks.commandMb = Math.max(peaks.commandMb, residentMb(pid))
    const [engine] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
    if (engine) peaks.engineMb = Math.max(peaks.engineMb, residentMb(engine))
  } catch {
    // Not Linux, or it has just ended.
  }
}

function residentMb(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024)
}

/** The same pictures to a server, as many at once. */
async function runServer(folder, jobs) {
  const args = ['serve', '--port', '0', '--answer-cache-mb', '0', '--model', options.model]
  const child = spawn(process.execPath, [PROGRAM, ...args])
  const url = await new Promise((resolve, reject) => {
    let text = ''
    child.stderr.on('data', (chunk) => {
      text += chunk
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0]
      if (found && text.includes('Ready')) resolve(found)
    })
    child.on('close', () => reject(new Error(text)))
  })
  const names = readdirSync(folder).filter((name) => name.endsWith('.png'))
  const began = performance.now()
  let next = 0
  const client = async () => {
    while (next < names.length) {
      const body = readFileSync(join(folder, names[next++]))
      const response = await fetch(`${url}/api/v1/caption?task=caption`, { method: 'POST', body })
      if (!response.ok) throw new Error(await response.text())
      await response.arrayBuffer()
    }
  }
  await Promise.all(Array.from({ length: Number(jobs) }, client))
  const seconds = (performance.now() - began) / 1000
  child.kill('SIGTERM')
  return { perSecond: names.length / seconds }
}

async function compareSpeeds() {
  const folder = createPictures(Number(options.pictures))
  try {
    const serial = await runFolder(folder, '1')
    const several = await runFolder(folder, options.jobs)
    const server = await runServer(folder, options.jobs)
    const ratio = (a, b) => (a.perSecond / b.perSecond).toFixed(2)
    console.log(`one at a time: ${serial.perSecond.toFixed(2)} a second`)
    console.log(`${options.jobs} in flight: ${several.perSecond.toFixed(2)} a second`)
    console.log(`a server, ${options.jobs} at once: ${server.perSecond.toFixed(2)} a second`)
    console.log(
      `folder / server ${ratio(several, server)} (wanted: 0.9), folder / serial ${ratio(several, serial)} (wanted: 1.15)`,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (Number(options.pictures) > 0) await compareSpeeds()

const held = []
for (const count of options.memory.split(',').filter(Boolean)) {
  const many = createPictures(Number(count))
  try {
    const { commandMb, engineMb } = await runFolder(many, options.jobs)
    held.push(commandMb + engineMb)
    console.log(`${count} pictures: command ${commandMb} MB, engine ${engineMb} MB at most`)
  } finally {
    rmSync(many, { recursive: true })
  }
}

if (held.length > 1) {
  const growth = held.at(-1) - held[0]
  console.log(`grew by ${growth} MB (wanted: less than ${MOST_GROWTH_MB})`)
  if (growth >= MOST_GROWTH_MB) process.exitCode = 1
}
