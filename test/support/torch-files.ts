// A checkpoint as torch.save writes it, for tests: pytorch_model.bin, or shards with their index.
import { z } from 'zod'
import * as pickle from './pickle-writer.ts'
import type { SafetensorsParts } from './safetensors-writer.ts'
import { writeZip } from './zip-writer.ts'

const STORAGES = { F16: 'HalfStorage', BF16: 'BFloat16Storage', F32: 'FloatStorage' } as const

const headerSchema = z.record(
  z.string(),
  z.object({
    dtype: z.enum(['F16', 'BF16', 'F32']),
    shape: z.array(z.number()),
    data_offsets: z.tuple([z.number(), z.number()]),
  }),
)

interface TorchTensor {
  readonly name: string
  readonly dtype: keyof typeof STORAGES
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

/** File names with what is in them; tensors are dealt out one by one. */
export function splitIntoTorchFiles(
  parts: SafetensorsParts,
  count: number,
): ReadonlyMap<string, Uint8Array> {
  const tensors = tensorsOf(parts)
  if (count === 1) return new Map([['pytorch_model.bin', renderTorchFile(tensors)]])
  const files = new Map<string, Uint8Array>()
  const weightMap: Record<string, string> = {}
  for (let shard = 0; shard < count; shard += 1) {
    const [number, total] = [shard + 1, count].map((n) => String(n).padStart(5, '0'))
    const file = `pytorch_model-${number}-of-${total}.bin`
    const own = tensors.filter((_, i) => i % count === shard)
    for (const { name } of own) weightMap[name] = file
    files.set(file, renderTorchFile(own))
  }
  const index = { metadata: {}, weight_map: weightMap }
  return files.set('pytorch_model.bin.index.json', Buffer.from(JSON.stringify(index)))
}

function tensorsOf({ header, data }: SafetensorsParts): readonly TorchTensor[] {
  const json: unknown = JSON.parse(Buffer.from(header.subarray(8)).toString('utf8'))
  const { __metadata__: _, ...entries } = z.record(z.string(), z.unknown()).parse(json)
  return Object.entries(headerSchema.parse(entries)).map(([name, entry]) => ({
    name,
    dtype: entry.dtype,
    shape: entry.shape,
    bytes: data.subarray(...entry.data_offsets),
  }))
}

function renderTorchFile(tensors: readonly TorchTensor[]): Uint8Array {
  const references = tensors.map(({ name, dtype, shape }, i) => {
    const strides = shape.map((__, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1))
    const length = shape.reduce((a, b) => a * b, 1)
    const key = String(i)
    return [name, pickle.tensor({ key, length, type: STORAGES[dtype], shape, strides })] as const
  })
  return writeZip(
    [
      {
        name: 'archive/data.pkl',
        data: pickle.pickleOf(pickle.dict(Object.fromEntries(references))),
      },
      { name: 'archive/byteorder', data: Buffer.from('little') },
      ...tensors.map(({ bytes }, i) => ({ name: `archive/data/${i}`, data: bytes })),
      { name: 'archive/version', data: Buffer.from('3\n') },
    ],
    { sizesFollow: true },
  ).bytes
}
