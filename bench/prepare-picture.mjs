// Decoding and resizing to 768x768, each measurement in a process of its own with the built program:
//
//   node bench/prepare-picture.mjs speed [--against DIST] [--rounds 15]
//   node bench/prepare-picture.mjs memory [--megapixels 50] [FILE...]
//
// `speed`: a JPEG of 12 megapixels. The ratio is to libvips decoding the same file and nothing else,
// taken in turns; with --against, the folder `dist` of another build, the ratio to that build.
// `memory`: the most that a process held for a picture of each format, beyond what it held before;
// formats that sharp cannot write come as files.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import sharp from 'sharp'

const here = fileURLToPath(import.meta.url)
const OWN_BUILD = fileURLToPath(new URL('../dist', import.meta.url))
const SPEC = {
  width: 768,
  height: 768,
  resize: { width: 768, height: 768 },
  resample: 3,
  rescaleFactor: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    against: { type: 'string' },
    rounds: { type: 'string', default: '15' },
    megapixels: { type: 'string', default: '50' },
  },
})
const [command, ...files] = positionals

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN

/** A picture with detail at every scale: noise, enlarged and laid over itself. */
async function createPixels(width, height) {
  const layer = async (divisor) =>
    sharp({
      create: {
        width: Math.ceil(width / divisor),
        height: Math.ceil(height / divisor),
        channels: 3,
        background: '#808080',
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
      },
    })
      .resize(width, height, { fit: 'fill' })
      .png({ compressionLevel: 0 })
      .toBuffer()
  return sharp(await layer(64), { limitInputPixels: false })
    .composite([{ input: await layer(8), blend: 'overlay', limitInputPixels: false }])
    .removeAlpha()
    .raw()
    .toBuffer()
}

async function load(build) {
  const module = pathToFileURL(join(build, 'runtime/image/prepare.js')).href
  const { preparePicture } = await import(module)
  return (bytes) => preparePicture(bytes, SPEC, { applyOrientation: true })
}

async function compareSpeed() {
  const [width, height] = [4000, 3000]
  const raw = { width, height, channels: 3 }
  const jpeg = await sharp(await createPixels(width, height), { raw })
    .jpeg()
    .toBuffer()
  const prepare = await load(OWN_BUILD)
  const other =
    values.against === undefined
      ? async (bytes) => sharp(bytes).raw().toBuffer()
      : await load(resolve(values.against))
  const time = async (work) => {
    const began = performance.now()
    await work(jpeg)
    return performance.now() - began
  }
  const runs = []
  for (let i = -2; i < Number(values.rounds); i += 1) {
    // Two rounds to warm up; then one after the other, so that a slow moment meets both.
    const run = { own: await time(prepare), other: await time(other) }
    if (i >= 0) runs.push(run)
  }
  const name = values.against ?? 'libvips decoding alone'
  console.log(
    `12 megapixels, decoded and resized: ${median(runs.map(({ own }) => own)).toFixed(0)} ms`,
  )
  console.log(`${name}: ${median(runs.map((run) => run.other)).toFixed(0)} ms`)
  console.log(`ratio: ${median(runs.map(({ own, other: ms }) => own / ms)).toFixed(3)}`)
}

/** Of this process alone: Linux gives a child's maxRSS the peak of its parent at first. */
function peakKb() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS
  return Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
}

/** In the process that is measured. */
async function measureMemory(file) {
  const bytes = readFileSync(file)
  const prepare = await load(OWN_BUILD)
  await prepare(readFileSync(new URL('picture.jpg', import.meta.url)))
  const before = peakKb()
  const { width, height, format } = await prepare(bytes)
  const peakMb = Math.round((peakKb() - before) / 1024)
  console.log(JSON.stringify({ format, width, height, peakMb }))
}

async function compareMemory() {
  const width = Math.round(Math.sqrt((Number(values.megapixels) * 4e6) / 3))
  const height = Math.round((width * 3) / 4)
  const folder = mkdtempSync(join(tmpdir(), 'flocap-bench-'))
  try {
    const pixels = await createPixels(width, height)
    const source = () =>
      sharp(pixels, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    const formats = {
      'baseline.jpg': () => source().jpeg(),
      'progressive.jpg': () => source().jpeg({ progressive: true }),
      'plain.png': () => source().png({ compressionLevel: 1 }),
      'interlaced.png': () => source().png({ compressionLevel: 1, progressive: true }),
      'alpha.png': () => source().ensureAlpha(0.5).png({ compressionLevel: 1 }),
      'lossy.webp': () => source().webp({ effort: 0 }),
      'deflate.tiff': () => source().tiff({ compression: 'deflate' }),
      'picture.gif': () => source().gif({ effort: 1, dither: 0 }),
      'picture.avif': () => source().avif({ effort: 0, quality: 40 }),
    }
    const made = []
    for (const [name, encode] of Object.entries(formats)) {
      const file = join(folder, name)
      writeFileSync(file, await encode().toBuffer())
      made.push(file)
    }
    console.log('| file | format | pixels | peak beyond the start (MB) |')
    console.log('| --- | --- | --- | --- |')
    for (const file of [...made, ...files]) {
      const output = execFileSync(process.execPath, [here, 'one', file], { encoding: 'utf8' })
      const { format, width: w, height: h, peakMb } = JSON.parse(output)
      console.log(`| ${basename(file)} | ${format} | ${w}x${h} | ${peakMb} |`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (command === 'speed') await compareSpeed()
else if (command === 'memory') await compareMemory()
else if (command === 'one') await measureMemory(files[0])
else console.error('node bench/prepare-picture.mjs speed | memory (see the head of the file)')
