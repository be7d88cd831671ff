// Weights of the right names and shapes that make no model: each is refused with the tensor's name.
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { silentLogger } from '../../src/base/log.ts'
import { compileModel } from '../../src/compiler/compile.ts'
import { createLaboratory } from '../../src/engine/laboratory.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const MODEL = fileURLToPath(new URL('../../models/flocap-demo/', import.meta.url))
/** float16: what fills every weight. */
const ZERO = 0x0000
const LARGEST = 0x7bff
const NOT_A_NUMBER = 0x7e00

const home = createFolder()
afterAll(() => removeFolder(home))

/** The bundled model with each weight replaced, its header as it was. */
function filled(name: string, bits: number, from = 0): string {
  const folder = join(home, name)
  cpSync(MODEL, folder, { recursive: true })
  const file = join(folder, 'model.safetensors')
  const bytes = readFileSync(file)
  const begin = 8 + Number(bytes.readBigUInt64LE(0)) + from
  for (let at = begin; at + 2 <= bytes.length; at += 2) bytes.writeUInt16LE(bits, at)
  writeFileSync(file, bytes)
  return folder
}

it.each([
  ['zeros', ZERO, /^All \d+ weight matrices hold nothing but zeros\.$/],
  ['numbers that are none', NOT_A_NUMBER, /^Tensor \S+ holds NaN \(element 0 of \d+\)/],
])('names weights that are all %s', async (name, bits, message) => {
  const compiling = compileModel(filled(name, bits), join(home, `${name}-compiled`), {
    log: silentLogger,
  })
  await expect(compiling).rejects.toMatchObject({
    code: 'invalid_model',
    message: expect.stringMatching(message),
  })
})

it('says that a model computes nothing where all weights are the largest number', async () => {
  const compiling = compileModel(filled('largest', LARGEST), join(home, 'largest-compiled'), {
    log: silentLogger,
    precision: 'auto',
    laboratory: createLaboratory(1),
  })
  await expect(compiling).rejects.toMatchObject({
    code: 'invalid_model',
    message: expect.stringContaining('no finite numbers'),
  })
})

/** The bundled model with one tensor said to be of another type, of as many bytes. */
function retyped(dtype: string): { readonly folder: string; readonly tensor: string } {
  const folder = join(home, dtype)
  cpSync(MODEL, folder, { recursive: true })
  const file = join(folder, 'model.safetensors')
  const bytes = readFileSync(file)
  const length = Number(bytes.readBigUInt64LE(0))
  const header = bytes.toString('utf8', 8, 8 + length)
  const tensor = 'model.language_model.decoder.layers.0.fc1.weight'
  const said = new RegExp(`("${tensor}":\\{"dtype":")F16(","shape":)\\[(\\d+),(\\d+)\\]`)
  const changed = header.replace(
    said,
    (_, name: string, shape: string, rows: string, columns: string) =>
      `${name}${dtype}${shape}[${Number(rows) * 2},${columns}]`,
  )
  if (changed === header) throw new Error(`${tensor} is not where it was`)
  const text = Buffer.from(changed)
  const start = Buffer.alloc(8)
  start.writeBigUInt64LE(BigInt(text.length))
  writeFileSync(file, Buffer.concat([start, text, bytes.subarray(8 + length)]))
  return { folder, tensor }
}

it.each(['I8', 'U8', 'F8_E4M3', 'F8_E5M2'])(
  'names a tensor that is stored as %s',
  async (dtype) => {
    const { folder, tensor } = retyped(dtype)
    await expect(
      compileModel(folder, join(home, `${dtype}-compiled`), { log: silentLogger }),
    ).rejects.toMatchObject({
      code: 'invalid_model',
      subject: tensor,
      message: expect.stringContaining(`is stored as ${dtype}`),
      hint: expect.stringContaining('the model that they were made from'),
    })
  },
)

it.each([
  ['bitsandbytes', { quant_method: 'bitsandbytes', load_in_4bit: true }, 'bitsandbytes, 4 bits'],
  ['gptq', { quant_method: 'gptq', bits: 4 }, 'GPTQ, 4 bits'],
  ['fp8', { quant_method: 'fp8' }, 'float8 (fp8)'],
])('names a checkpoint that was quantised with %s', async (name, quantised, words) => {
  const folder = join(home, name)
  cpSync(MODEL, folder, { recursive: true })
  const file = join(folder, 'config.json')
  const config: unknown = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify(Object.assign({}, config, { quantization_config: quantised })))
  await expect(
    compileModel(folder, join(home, `${name}-compiled`), { log: silentLogger }),
  ).rejects.toMatchObject({
    code: 'invalid_model',
    subject: 'quantization_config',
    message: expect.stringContaining(words),
  })
})
