// `flocap review` over a large folder: processor time of its start and of the page's first list, which
// says the same on a busy machine; wall time beside it.
//
//   npm run build && node bench/review.mjs [--pictures 5000]
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values: options } = parseArgs({
  options: { pictures: { type: 'string', default: '5000' } },
})
const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const PROGRAM = here('../dist/cli/main.js')
const SAMPLE = readFileSync(here('../models/flocap-demo/samples/scene-00.png'))
/** Of /proc: Linux counts hundredths of a second. */
const TICKS_PER_SECOND = 100

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')

/** As a run leaves it: pictures, captions, and a journal that knows both. */
function createFolder(count) {
  const folder = mkdtempSync(join(tmpdir(), 'flocap-bench-'))
  const lines = Array.from({ length: count }, (_, index) => {
    const name = `${String(index).padStart(6, '0')}.png`
    const bytes = Buffer.concat([SAMPLE, Buffer.from(`#${index}`)])
    const text = `A red house beside tree number ${index}.`
    writeFileSync(join(folder, name), bytes)
    writeFileSync(join(folder, name.replace('.png', '.txt')), `${text}\n`)
    const { size, mtimeMs } = statSync(join(folder, name))
    const answer = {
      task: 'caption',
      text,
      said: text,
      data: { kind: 'text', text },
      confidence: 0.8,
    }
    return JSON.stringify({
      type: 'picture',
      run: 'bench',
      time: new Date(0).toISOString(),
      name,
      sha256: sha256(bytes),
      size,
      mtimeMs,
      asked: ['bench'],
      answered: { width: 224, height: 224, answers: [answer] },
      files: { txt: { sha256: sha256(`${text}\n`) } },
    })
  })
  mkdirSync(join(folder, '.flocap'))
  writeFileSync(join(folder, '.flocap', 'journal.jsonl'), `${lines.join('\n')}\n`)
  return folder
}

/** Of all its threads. */
function processorSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

const folder = createFolder(Number(options.pictures))
const child = spawn(process.execPath, [PROGRAM, 'review', folder])
try {
  const began = performance.now()
  child.stderr.resume()
  const url = await new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => resolve(new URL(chunk.toString().trim())))
    child.on('close', (code) => reject(new Error(`flocap review ended with ${code}`)))
  })
  const start = { cpu: processorSeconds(child.pid), wall: (performance.now() - began) / 1000 }
  const headers = { authorization: `Bearer ${url.hash.slice(1)}` }
  const list = async () => (await fetch(new URL('/api/pictures', url), { headers })).json()
  const { pictures } = await list()
  const opened = { cpu: processorSeconds(child.pid), wall: (performance.now() - began) / 1000 }
  await list()
  const again = processorSeconds(child.pid) - opened.cpu
  const seconds = (value) => `${value.toFixed(2)} s`
  console.log(`${pictures.length} pictures, processor time (wall time):`)
  console.log(`until the address is printed: ${seconds(start.cpu)} (${seconds(start.wall)})`)
  console.log(`until the page has its list: ${seconds(opened.cpu)} (${seconds(opened.wall)})`)
  console.log(`reading the list again: ${seconds(again)}`)
} finally {
  child.kill('SIGTERM')
  rmSync(folder, { recursive: true })
}
