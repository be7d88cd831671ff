// One checkpoint in every layout that is published: two sets of names, one file or shards, safetensors
// or PyTorch's own format. All of them compile to the same bytes, and so answer with the same ids.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { silentLogger } from '../../src/base/log.ts'
import { compileModel } from '../../src/compiler/compile.ts'
import { readFlorence2Fixture } from '../support/florence2-fixtures.ts'
import {
  renderRandomCheckpoint,
  sha256Of,
  writeRandomCheckpoint,
} from '../support/random-checkpoint.ts'
import { splitIntoTorchFiles } from '../support/torch-files.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const folder = createFolder()
afterAll(() => removeFolder(folder))

const published = readFlorence2Fixture('microsoft')
// The bias of the logits has a name in Microsoft's layout only.
const fixture = { checkpoint: { ...published.checkpoint, logitsBias: false } }
const GRAPHS = ['vision.onnx', 'prefill.onnx', 'decoder.onnx', 'weights.bin']

/** The fixture's folder with its weights replaced by what `write` puts there. */
async function compile(
  name: string,
  write: (checkpoint: string) => void,
): Promise<readonly string[]> {
  const checkpoint = join(folder, name)
  mkdirSync(checkpoint)
  writeRandomCheckpoint(checkpoint, fixture)
  write(checkpoint)
  const compiled = join(folder, `${name}-compiled`)
  const manifest = await compileModel(checkpoint, compiled, { log: silentLogger })
  expect(manifest.unreadTensors).toEqual([])
  return GRAPHS.map((file) => sha256Of(readFileSync(join(compiled, file))))
}

const configSchema = z.looseObject({
  vision_config: z.looseObject({ dim_embed: z.unknown() }),
})

/** Microsoft's config under transformers' names: the weights' names say which are read. */
function renameConfig(path: string): void {
  const config = configSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  const { dim_embed: embed_dim, ...vision } = config.vision_config
  writeFileSync(path, JSON.stringify({ ...config, vision_config: { ...vision, embed_dim } }))
}

describe('a checkpoint', () => {
  let expected: readonly string[]
  beforeAll(async () => {
    expected = await compile('as-published', () => undefined)
  })

  it("compiles to the same bytes under transformers' names", async () => {
    const { header, data } = renderRandomCheckpoint(fixture.checkpoint, 'native')
    const found = await compile('native', (checkpoint) => {
      writeFileSync(join(checkpoint, 'model.safetensors'), Buffer.concat([header, data]))
      renameConfig(join(checkpoint, 'config.json'))
    })
    expect(found).toEqual(expected)
  })

  it.each([
    ['one pytorch_model.bin', 1],
    ['three shards of it', 3],
  ])('compiles to the same bytes from %s', async (name, count) => {
    const files = splitIntoTorchFiles(renderRandomCheckpoint(fixture.checkpoint), count)
    const found = await compile(name, (checkpoint) => {
      rmSync(join(checkpoint, 'model.safetensors'))
      for (const [file, bytes] of files) writeFileSync(join(checkpoint, file), bytes)
    })
    expect(found).toEqual(expected)
  })

  it('is refused when a shard of pytorch_model.bin is missing', async () => {
    const files = splitIntoTorchFiles(renderRandomCheckpoint(fixture.checkpoint), 2)
    const compiling = compile('incomplete', (checkpoint) => {
      rmSync(join(checkpoint, 'model.safetensors'))
      for (const [file, bytes] of [...files].slice(1)) {
        writeFileSync(join(checkpoint, file), bytes)
      }
    })
    await expect(compiling).rejects.toThrow(
      'The model folder has no pytorch_model-00001-of-00002.bin',
    )
  })
})
