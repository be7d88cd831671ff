// Decodes the picture on standard input and resizes it to `argv[2]` pixels a side, as the first thing
// that this process does, with the built program; prints the picture's size.
import { buffer } from 'node:stream/consumers'

const { preparePicture } = await import(
  new URL('../../dist/runtime/image/prepare.js', import.meta.url).href
)
const side = Number(process.argv[2])
const spec = {
  width: side,
  height: side,
  resize: { width: side, height: side },
  resample: 3,
  rescaleFactor: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
}

const prepared = await preparePicture(await buffer(process.stdin), spec, { applyOrientation: true })
if (prepared.pixelValues.some((value) => !(Math.abs(value) <= 1))) throw new Error('no pixels')
process.stdout.write(`${prepared.width}x${prepared.height}\n`)
