// The first picture of a process's life. A memory that has grown, a table that is filled or a codec that
// is warm hides what fails at first, so each size has a process of its own: most of them decode and
// resize as the engine does, some are whole servers.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { askCaption } from '../support/ask-server.ts'
import { startServer, type RunningServer } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { createRandom } from './mutate-picture.ts'
import { recordResult, share } from './record-result.ts'

const PREPARE = fileURLToPath(new URL('prepare-first.worker.mjs', import.meta.url))
const SIZES = 500
const SERVERS = 24
const AT_ONCE = 2
/** Of the bundled model, and of Florence-2. */
const MODEL_SIDES = [192, 768]
const FORMATS = ['jpeg', 'png', 'webp', 'tiff', 'gif'] as const

type Size = readonly [width: number, height: number]

const CAMERAS: readonly Size[] = [
  [2832, 4240],
  [4032, 3024],
  [4000, 3000],
  [4608, 3456],
  [5184, 3456],
  [6000, 4000],
  [3840, 2160],
  [2048, 1536],
  [1600, 1200],
]
/** Screens and shots of phones; two of them were refused once, as the first picture only. */
const PHONES: readonly Size[] = [
  [1200, 2123],
  [1200, 2189],
  [1080, 1920],
  [1080, 2400],
  [1170, 2532],
  [1290, 2796],
  [750, 1334],
  [828, 1792],
  [1440, 3200],
]

/** In turn: random, camera (also cropped by a few pixels), phone, strip, a pixel wide or high. */
function drawSize(i: number, random: () => number): Size {
  const between = (low: number, high: number): number => low + Math.floor(random() * (high - low))
  const shave = ([width, height]: Size): Size => [width - between(0, 40), height - between(0, 40)]
  const turn = ([width, height]: Size): Size => (random() < 0.5 ? [width, height] : [height, width])
  const kind = i % 8
  if (kind < 3) return [between(1, 3000), between(1, 3000)]
  if (kind === 3) return turn(shave(CAMERAS[between(0, CAMERAS.length)] ?? [1, 1]))
  if (kind < 6) return [between(700, 1300), between(1200, 2900)]
  if (kind === 6) return PHONES[between(0, PHONES.length)] ?? [1, 1]
  return turn([between(1, 120), between(1, 16_000)])
}

async function createPicture([width, height]: Size, i: number): Promise<Buffer> {
  const background = { r: i % 256, g: (i * 7) % 256, b: 128 }
  return sharp({ create: { width, height, channels: 3, background } })
    .toFormat(FORMATS[i % FORMATS.length] ?? 'png', { effort: 1 })
    .toBuffer()
}

const pictures = (count: number, seed: number): { i: number; size: Size }[] => {
  const random = createRandom(seed)
  return Array.from({ length: count }, (_, i) => ({ i, size: drawSize(i, random) }))
}

/** Works on all of them, a few at once. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const pending = items.values()
  const worker = async (): Promise<void> => {
    for (const item of pending) await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

it('prepares the first picture of a process, of any size', async () => {
  const failures: string[] = []
  const cases = pictures(share(SIZES), 1)
  const run = promisify(execFile)
  await eachOf(cases, async ({ i, size }) => {
    const side = MODEL_SIDES[i % MODEL_SIDES.length] ?? 0
    const asked = `${size.join('x')} at ${side}`
    const child = run(process.execPath, [PREPARE, String(side)])
    child.child.stdin?.end(await createPicture(size, i))
    try {
      const { stdout } = await child
      if (stdout !== `${size.join('x')}\n`) failures.push(`${asked}: ${stdout}`)
    } catch (error) {
      failures.push(`${asked}: ${String(error)}`)
    }
  })
  recordResult({
    name: 'first-picture: decoded and resized',
    done: `${cases.length} sizes, each in a new process, half for 192 and half for 768 pixels`,
    numbers: { failed: failures.length },
  })
  expect(failures).toEqual([])
})

it('captions the first picture of a server, of any size', async () => {
  const failures: string[] = []
  const environment = { FLOCAP_HOME: temporaryFolder() }
  const cases = pictures(share(SERVERS), 2)
  const start = async (): Promise<RunningServer> => {
    const server = await startServer([], { environment })
    await server.printed('Ready')
    return server
  }
  // Compiles the model, so that it is not compiled by several at once.
  await (await start()).stop()
  await eachOf(cases, async ({ i, size }) => {
    const server = await start()
    const { status, body } = await askCaption(server.url, await createPicture(size, i), {
      query: 'task=caption&num_beams=1&max_new_tokens=3',
    })
    if (status !== 200) failures.push(`${size.join('x')}: ${status} ${body}`)
    await server.stop()
  })
  recordResult({
    name: 'first-picture: captioned',
    done: `${cases.length} sizes, each by a new server with the bundled model`,
    numbers: { 'answers other than 200': failures.length },
  })
  expect(failures).toEqual([])
})
