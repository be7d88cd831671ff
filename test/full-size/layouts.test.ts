// Checkpoints of full size, in transformers' layout and in Microsoft's: what is compiled of both is the
// same to the byte, so the answers are too; and neither takes twice its size of memory.
//
//   npm run full-size            of Florence-2-base; FLOCAP_SIZES=base,large for both (minutes, 8 GB)
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { hashFile } from '../../src/compiler/checkpoint-folder.ts'
import { isTransposedInMicrosoftLayout, toMicrosoftName } from '../support/microsoft-names.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const CACHE = process.env['BENCH_CACHE'] ?? '.cache/bench'
const SIZES = (process.env['FLOCAP_SIZES'] ?? 'base').split(',')
const MOST_MEMORY = 2
const BYTES_PER_HALF = 2

const headerSchema = z.record(
  z.string(),
  z.object({
    dtype: z.literal('F16'),
    shape: z.array(z.number()),
    data_offsets: z.tuple([z.number(), z.number()]),
  }),
)

function run(...args: string[]): string {
  return execFileSync(process.execPath, args, { encoding: 'utf8' })
}

/** Renames the tensors of a checkpoint, and the settings that Microsoft's code calls differently. */
function toMicrosoftLayout(native: string): string {
  const folder = join(temporaryFolder(), 'checkpoint')
  mkdirSync(folder)
  for (const file of readdirSync(native)) copyFileSync(join(native, file), join(folder, file))

  const config = z
    .looseObject({ vision_config: z.looseObject({ embed_dim: z.array(z.number()) }) })
    .parse(JSON.parse(readFileSync(join(native, 'config.json'), 'utf8')))
  const { embed_dim: dims, max_position_embeddings: positions, ...vision } = config.vision_config
  const renamed = {
    ...vision,
    model_type: 'davit',
    dim_embed: dims,
    image_pos_embed: { type: 'learned_abs_2d', max_pos_embeddings: positions },
    visual_temporal_embedding: { type: 'COSINE', max_temporal_embeddings: 100 },
    image_feature_source: ['spatial_avg_pool', 'temporal_avg_pool'],
  }
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, vision_config: renamed }))

  const file = join(folder, 'model.safetensors')
  const bytes = readFileSync(file)
  const start = 8 + Number(bytes.readBigUInt64LE(0))
  const header = headerSchema.parse(JSON.parse(bytes.toString('utf8', 8, start)))
  const entries = Object.entries(header).map(([name, tensor]) => {
    if (!isTransposedInMicrosoftLayout(name)) return [toMicrosoftName(name), tensor] as const
    const [rows = 0, columns = 0] = tensor.shape
    transposeHalves(
      bytes.subarray(start + tensor.data_offsets[0], start + tensor.data_offsets[1]),
      rows,
    )
    return [toMicrosoftName(name), { ...tensor, shape: [columns, rows] }] as const
  })
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  writeFileSync(file, Buffer.concat([length, json, bytes.subarray(start)]))
  return folder
}

function transposeHalves(matrix: Buffer, rows: number): void {
  const before = Buffer.from(matrix)
  const columns = matrix.length / BYTES_PER_HALF / rows
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const value = before.readUInt16LE(BYTES_PER_HALF * (row * columns + column))
      matrix.writeUInt16LE(value, BYTES_PER_HALF * (column * rows + row))
    }
  }
}

/** SHA-256 of each graph and of the weights. */
async function hashesOf(folder: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {}
  for (const file of readdirSync(folder).filter((name) => /\.(?:onnx|bin)$/.test(name))) {
    hashes[file] = await hashFile(join(folder, file))
  }
  return hashes
}

/** Compiles, and tells how much memory that took for each byte of the checkpoint. */
function compile(checkpoint: string): { folder: string; memory: number } {
  const said = run('bench/compile-memory.mjs', checkpoint, 'auto', CACHE)
  process.stdout.write(said)
  const memory = Number(/([\d.]+) times the checkpoint/.exec(said)?.[1])
  return { folder: join(dirname(checkpoint), 'compile-memory-auto'), memory }
}

it.each(SIZES)('%s is the same model in both layouts', async (size) => {
  const native = run('bench/checkpoint.mjs', CACHE, size).trim()
  const first = compile(native)
  const expected = await hashesOf(first.folder)
  expect(Object.keys(expected).toSorted()).toEqual([
    'decoder.onnx',
    'prefill.onnx',
    'vision.onnx',
    'weights.bin',
  ])
  const second = compile(toMicrosoftLayout(native))
  expect(await hashesOf(second.folder)).toEqual(expected)
  expect(first.memory).toBeLessThan(MOST_MEMORY)
  expect(second.memory).toBeLessThan(MOST_MEMORY)
})
