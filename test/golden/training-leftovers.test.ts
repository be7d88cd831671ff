// Checkpoints as training tools leave them: prefixes of wrappers before tensor names are taken off, and
// adapters that were never merged are refused.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { silentLogger } from '../../src/base/log.ts'
import { DEFAULT_GENERATION } from '../../src/caption/generation.ts'
import { compileModel } from '../../src/compiler/compile.ts'
import { createFlorence2 } from '../../src/runtime/florence2.ts'
import { caughtError } from '../support/caught-error.ts'
import { readFixturePicture, recipeSchema } from '../support/florence2-fixtures.ts'
import { writeRandomCheckpoint } from '../support/random-checkpoint.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const { base: RECIPE } = z
  .object({ base: recipeSchema })
  .parse(
    JSON.parse(readFileSync(new URL('../fixtures/adapters/answers.json', import.meta.url), 'utf8')),
  )
const headerSchema = z.record(z.string(), z.unknown())
type Header = z.infer<typeof headerSchema>

/** A random checkpoint whose safetensors header was changed; the numbers stay where they are. */
function writeChanged(change: (header: Header, dataBytes: number) => Header): string {
  const folder = join(temporaryFolder(), 'checkpoint')
  writeRandomCheckpoint(folder, { checkpoint: RECIPE })
  const path = join(folder, 'model.safetensors')
  const file = readFileSync(path)
  const end = 8 + Number(file.readBigUInt64LE())
  const header = headerSchema.parse(JSON.parse(file.toString('utf8', 8, end)))
  const text = Buffer.from(JSON.stringify(change(header, file.length - end)))
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(text.length))
  writeFileSync(path, Buffer.concat([size, text, file.subarray(end)]))
  return folder
}

/** All tensors behind `prefix`. */
function writeWrapped(prefix: string): string {
  return writeChanged((header) =>
    Object.fromEntries(
      Object.entries(header).map(([name, entry]) => [
        name === '__metadata__' ? name : `${prefix}${name}`,
        entry,
      ]),
    ),
  )
}

/** One tensor more: it has no elements, so that the file stays as long as it is. */
function writeWithTensor(added: string): string {
  return writeChanged((header, bytes) => ({
    ...header,
    [added]: { dtype: 'F32', shape: [0], data_offsets: [bytes, bytes] },
  }))
}

async function ask(checkpoint: string): Promise<readonly number[] | undefined> {
  const compiled = join(temporaryFolder(), 'compiled')
  await compileModel(checkpoint, compiled, { log: silentLogger })
  const model = await createFlorence2(compiled, { id: 'x', demo: false, threads: 1 })
  try {
    const { answers } = await model.answer({
      picture: readFixturePicture('scene-03.png'),
      applyOrientation: false,
      queries: [
        {
          prompt: [{ kind: 'text', text: 'a guitar' }],
          generation: { ...DEFAULT_GENERATION, maxNewTokens: 16 },
        },
      ],
    })
    return answers[0]?.sequences[0]?.tokens
  } finally {
    await model.close()
  }
}

describe('a checkpoint that training has left', () => {
  it.each(['_orig_mod.', 'module.', 'module._orig_mod.'])(
    'answers as itself behind %s',
    async (prefix) => {
      const plain = await ask(writeWrapped(''))
      expect(plain?.length).toBeGreaterThan(3)
      expect(await ask(writeWrapped(prefix))).toEqual(plain)
    },
  )

  it.each(['lora_A.default.weight', 'lora_B.weight', 'lora_magnitude_vector'])(
    'is refused with %s beside its weights',
    async (part) => {
      const checkpoint = writeWithTensor(`language_model.encoder.layers.0.fc1.${part}`)
      const error = await caughtError(() => ask(checkpoint))
      expect(error).toMatchObject({ code: 'invalid_model' })
      expect(error.message).toContain(`fc1.${part}`)
    },
  )
})
