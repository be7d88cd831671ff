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
