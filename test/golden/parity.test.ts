// The numbers of the compiled graphs and the answers of the whole model against transformers, on
// small random checkpoints of many configurations: plain and fused lowering, greedy and beams.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/base/log.ts'
import type { GenerationOptions, Prompt, VisionModel } from '../../src/caption/ports.ts'
import { readManifest } from '../../src/compiled/manifest.ts'
import { compileModel } from '../../src/compiler/compile.ts'
import { createFlorence2 } from '../../src/runtime/florence2.ts'
import { createGraphDecoders } from '../../src/runtime/generate/graph-decoder.ts'
import { preparePicture } from '../../src/runtime/image/prepare.ts'
import { parsePicturePreparation } from '../../src/compiler/picture-preparation.ts'
import { floats, floatsOf, int64s, openSession } from '../../src/runtime/session.ts'
import {
  type Florence2Fixture,
  type FixtureTensor,
  listFlorence2Fixtures,
  readFixturePicture,
  readFixtureTensors,
  readFlorence2Fixture,
} from '../support/florence2-fixtures.ts'
import { sha256Of, writeRandomCheckpoint } from '../support/random-checkpoint.ts'
import { isNearTie } from '../support/near-tie.ts'
import { toSearches } from '../support/search-cases.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'
import {
  RANDOM_ENCODER_TOLERANCE,
  SCORE_TOLERANCE,
  STAGE_TOLERANCE,
} from '../support/tolerances.ts'

for (const name of listFlorence2Fixtures()) {
  const fixture = readFlorence2Fixture(name)
  for (const lowering of ['plain', 'fused'] as const) {
    describe(`${name}, ${lowering}: ${fixture.covers}`, () => {
      const folder = createFolder()
      const compiled = join(folder, lowering)
      let model: VisionModel

      beforeAll(async () => {
        const checkpoint = join(folder, 'checkpoint')
        mkdirSync(checkpoint)
        writeRandomCheckpoint(checkpoint, fixture)
        const manifest = await compileModel(checkpoint, compiled, { log: silentLogger, lowering })
        expect(manifest.unreadTensors).toEqual([])
        model = await createFlorence2(compiled, { id: name, demo: false, threads: 1 })
      })

      afterAll(async () => {
        await model.close()
        removeFolder(folder)
      })

      it.each(fixture.pictures)('computes the stages of $file', async (picture) => {
        const tensors = readFixtureTensors(name)
        const { pixelValues, width, height } = await preparePicture(
          readFixturePicture(picture.file),
          parsePicturePreparation({ preprocessor: fixture.checkpoint.preprocessorConfig }),
          { applyOrientation: false },
        )
        expect([width, height]).toEqual([picture.width, picture.height])
        expect(sha256Of(new Uint8Array(pixelValues.buffer))).toBe(picture.pixelsSha256)

        const { manifest, decoder, features, encoded, cross, close } = await runStages(
          compiled,
          pixelValues,
          picture.promptIds,
        )
        expect(relativeError(features, tensors.get(picture.tensors.imageFeatures))).toBeLessThan(
          STAGE_TOLERANCE,
        )
        expect(relativeError(encoded, tensors.get(picture.tensors.encoderOutput))).toBeLessThan(
          RANDOM_ENCODER_TOLERANCE,
        )

        const reference = tensors.get(picture.tensors.logits)!
        const rows = manifest.vocabularySize
        for (let length = 1; length <= picture.answerIds.length; length += 1) {
          const steps = createGraphDecoders(decoder, manifest).begin(cross)
          const step = await steps.prime(picture.answerIds.slice(0, length), rows)
          const ours = new Float32Array(rows)
          for (const [i, id] of step.ids.entries()) ours[id] = step.logProbs[i]!
          const logits = reference.values.subarray((length - 1) * rows, length * rows)
          expect(relativeError(ours, { shape: [rows], values: logSoftmax(logits) })).toBeLessThan(
            STAGE_TOLERANCE,
          )
        }
        await close()
      })

      /** Whether float32's rounding explains that the search found something else. */
      const isTie = async (
        { picture, promptIds }: (typeof fixture.cases)[number],
        options: GenerationOptions,
        reference: readonly (readonly number[])[],
      ): Promise<boolean> => {
        const { pixelValues } = await preparePicture(
          readFixturePicture(picture),
          parsePicturePreparation({ preprocessor: fixture.checkpoint.preprocessorConfig }),
          { applyOrientation: false },
        )
        const { manifest, decoder, cross, close } = await runStages(
          compiled,
          pixelValues,
          promptIds,
        )
        const plan = {
          options,
          prefix: [],
          vocabulary: manifest.tokens,
          maxPositions: manifest.decoderPositions,
        }
        const begin = () => createGraphDecoders(decoder, manifest).begin(cross)
        const proved = await isNearTie({ begin, plan, reference, noise: SCORE_TOLERANCE })
        await close()
        return proved
      }

      it.for(fixture.cases)('answers $name as the reference does', async (asked, context) => {
        const searches = toSearches(asked)
        const answer = await model.answer({
          picture: readFixturePicture(asked.picture),
          applyOrientation: false,
          queries: searches.map((generation) => ({
            prompt: toPrompt(asked.promptText),
            generation,
          })),
        })
        const ids = answer.answers.map(({ sequences }) => sequences.map(({ tokens }) => tokens))
        const expected = expectedOf(asked)
        for (const [index, search] of searches.entries()) {
          const reference = expected[index] ?? []
          if (isDeepStrictEqual(ids[index], reference)) continue
          if (!(await isTie(asked, search, reference))) continue
          await context.annotate('a tie within the rounding of float32')
          ids[index] = reference.map((sequence) => [...sequence])
        }
        expect(ids).toEqual(expected)
      })

      it('takes an answer that is wrong for no tie', async () => {
        const [asked] = fixture.cases
        const [search] = asked === undefined ? [] : toSearches(asked)
        const [right = []] = asked === undefined ? [] : (expectedOf(asked)[0] ?? [])
        if (asked === undefined || search === undefined) throw new RangeError('no case')
        const wrong = right.map((id, at) => (at === 1 ? (id === 9 ? 10 : 9) : id))
        expect(await isTie(asked, search, [right])).toBe(true)
        expect(await isTie(asked, search, [wrong])).toBe(false)
      })
    })
  }
}

/** What the graphs make of a picture and a prompt, and the decoder graph for what comes after. */
async function runStages(
  compiled: string,
  pixelValues: Float32Array,
  promptIds: readonly number[],
) {
  const manifest = await readManifest(compiled)
  const open = async (file: string): ReturnType<typeof openSession> =>
    openSession(compiled, file, { threads: 1 })
  const [vision, prefill, decoder] = await Promise.all([
    open(manifest.graphs.vision),
    open(manifest.graphs.prefill),
    open(manifest.graphs.decoder),
  ])
  const side = manifest.picture.height
  const seen = await vision.run({ pixel_values: floats(pixelValues, [1, 3, side, side]) })
  const { encoder_output: encoded, ...cross } = await prefill.run({
    image_features: seen['image_features']!,
    input_ids: int64s(promptIds, [1, promptIds.length]),
  })
  return {
    manifest,
    decoder,
    cross,
    features: floatsOf(seen, 'image_features'),
    encoded: floatsOf({ encoded: encoded! }, 'encoded'),
    close: async (): Promise<void> => {
      await Promise.all([vision.close(), prefill.close(), decoder.close()])
    },
  }
}

/** Ids of each search, its sequences best first. */
function expectedOf({ greedy, beams }: Florence2Fixture['cases'][number]) {
  return [
    [greedy.ids.slice(1)],
    ...beams.map(({ sequences }) => sequences.map((sequence) => sequence.ids.slice(1))),
  ]
}

/** Location tokens apart from the text around them, as the reference's tokenizer takes them. */
function toPrompt(text: string): Prompt {
  return text
    .split(/(<loc_\d+>)/)
    .filter((part) => part !== '')
    .map((part) =>
      part.startsWith('<loc_') ? { kind: 'token', token: part } : { kind: 'text', text: part },
    )
}

function logSoftmax(logits: Float32Array): Float32Array {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity)
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0)
  return logits.map((logit) => logit - largest - Math.log(sum))
}

/** Relative L2 distance. */
function relativeError(ours: Float32Array, reference: FixtureTensor | undefined): number {
  if (reference?.values.length !== ours.length) throw new RangeError('shapes differ')
  let [distance, length] = [0, 0]
  for (const [i, value] of reference.values.entries()) {
    distance += (ours[i]! - value) ** 2
    length += value ** 2
  }
  return Math.sqrt(distance / length)
}
