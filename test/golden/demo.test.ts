// The bundled model in float32 against transformers' own answers with it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/base/log.ts'
import type { VisionModel } from '../../src/caption/ports.ts'
import { compileModel } from '../../src/compiler/compile.ts'
import { createFlorence2 } from '../../src/runtime/florence2.ts'
import { readDemoCaptions } from '../support/demo-captions.ts'
import { sha256Of } from '../support/random-checkpoint.ts'
import { readSample } from '../support/samples.ts'
import { toSearches } from '../support/search-cases.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const MODEL = new URL('../../models/flocap-demo/', import.meta.url)
const captions = readDemoCaptions()

describe('the bundled model', () => {
  const folder = createFolder()
  let model: VisionModel

  beforeAll(async () => {
    const compiled = join(folder, 'compiled')
    await compileModel(fileURLToPath(MODEL), compiled, { log: silentLogger, precision: 'fp32' })
    model = await createFlorence2(compiled, { id: 'flocap-demo', demo: true, threads: 2 })
  })

  afterAll(async () => {
    await model.close()
    removeFolder(folder)
  })

  it('is the one that the reference answered with', () => {
    const weights = readFileSync(new URL('model.safetensors', MODEL))
    expect(sha256Of(weights)).toBe(captions.weightsSha256)
  })

  it.each(captions.cases)(
    'answers $name as transformers does, greedy and with beams',
    async (reference) => {
      const { answers } = await model.answer({
        picture: readSample(reference.picture),
        applyOrientation: false,
        queries: toSearches(reference).map((generation) => ({
          prompt: [{ kind: 'text', text: reference.promptText }],
          generation,
        })),
      })
      const found = answers.map(({ sequences }) =>
        sequences.map(({ tokens, text }) => ({
          ids: tokens,
          // The reference's processor strips blanks; some beams begin in the middle of a sentence.
          text: text.replaceAll(/<\/?s>/g, '').trim(),
        })),
      )
      // The reference's ids begin with the decoder's start token; its texts are without the ends.
      const expected = [
        [reference.greedy],
        ...reference.beams.map(({ sequences }) => sequences),
      ].map((sequences) => sequences.map(({ ids, text }) => ({ ids: ids.slice(1), text })))
      expect(found).toEqual(expected)
    },
  )
})
