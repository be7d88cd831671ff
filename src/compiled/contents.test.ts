import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HAS_FIFOS, makeFifo } from '../../test/support/make-fifo.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { checkContents, describeContents } from './contents.ts'

/** More than one step of reading. */
const LARGE_BYTES = 9 * 1024 * 1024 + 1

function createCompiled(): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'weights.bin'), Buffer.alloc(LARGE_BYTES, 'weights'))
  writeFileSync(join(folder, 'vision.onnx'), 'graph')
  writeFileSync(join(folder, 'empty'), '')
  return folder
}

describe('checkContents', () => {
  it('finds nothing wrong with what was described', async () => {
    const folder = createCompiled()
    const contents = await describeContents(folder)
    expect(contents.map(({ name, bytes }) => [name, bytes])).toEqual([
      ['empty', 0],
      ['vision.onnx', 5],
      ['weights.bin', LARGE_BYTES],
    ])
    expect(await checkContents(folder, contents)).toEqual([])
  })

  it('finds any byte that changed, wherever it is', async () => {
    const folder = createCompiled()
    const contents = await describeContents(folder)
    const file = join(folder, 'weights.bin')
    const whole = readFileSync(file)
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: LARGE_BYTES - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, by) => {
          const damaged = Buffer.from(whole)
          damaged[at]! ^= by
          writeFileSync(file, damaged)
          expect(await checkContents(folder, contents)).toEqual([
            'weights.bin is not as it was written',
          ])
        },
      ),
      { numRuns: 10, examples: [[LARGE_BYTES - 1, 1]] },
    )
  })

  it('finds files that are cut, longer or gone', async () => {
    const folder = createCompiled()
    const contents = await describeContents(folder)
    truncateSync(join(folder, 'weights.bin'), LARGE_BYTES - 1)
    writeFileSync(join(folder, 'vision.onnx'), 'graphs')
    rmSync(join(folder, 'empty'))
    expect(await checkContents(folder, contents)).toEqual([
      'empty is missing',
      'vision.onnx has 6 bytes instead of 5',
      `weights.bin has ${LARGE_BYTES - 1} bytes instead of ${LARGE_BYTES}`,
    ])
  })

  it('does not wait for what is no file', async () => {
    const folder = createCompiled()
    const contents = await describeContents(folder)
    rmSync(join(folder, 'vision.onnx'))
    mkdirSync(join(folder, 'vision.onnx'))
    rmSync(join(folder, 'empty'))
    if (HAS_FIFOS) makeFifo(join(folder, 'empty'))
    expect(await checkContents(folder, contents)).toEqual([
      'empty is missing',
      'vision.onnx is missing',
    ])
  })
})
