// `npm run eval:bundled -- --scenes <folder>`: what the bundled model can do, measured through the
// product's own runtime on pictures that it was not trained on.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { startLocalCaptioner } from '../../src/app/start-model.ts'
import { type Flags, resolveSettings } from '../../src/config/settings.ts'
import { reportFailure } from '../../src/cli/report.ts'
import { Evaluation } from './evaluate.ts'
import { putIntoCard, renderScores } from './report.ts'
import { readTruth } from './truth.ts'

interface Options extends Flags {
  readonly scenes: string
  readonly photographs?: string
  readonly card?: string
  readonly json?: boolean
}

const PHOTOGRAPH = /\.(?:jpe?g|png|webp|avif)$/i

async function run({ scenes, photographs, card, json, ...flags }: Options): Promise<void> {
  const truth = await readTruth(scenes)
  // Each caption is timed, so none may come from the cache.
  const settings = { ...resolveSettings(flags, process.env), answerCacheMb: 0 }
  const local = await startLocalCaptioner(settings)
  try {
    const evaluation = new Evaluation(local.captioner, truth.names)
    for (const scene of truth.scenes) {
      const picture = await readFile(join(scenes, scene.file))
      if (scene.kind === 'scene') await evaluation.addScene(scene, picture)
      else await evaluation.addUnknown(scene.kind, picture)
    }
    for (const file of photographs === undefined ? [] : await readdir(photographs)) {
      if (!PHOTOGRAPH.test(file)) continue
      await evaluation.addUnknown('photograph', await readFile(join(photographs ?? '', file)))
    }
    const scores = evaluation.scores()
    const table = renderScores(scores, settings.precision)
    console.log(json === true ? JSON.stringify(scores) : table)
    if (card !== undefined) await writeFile(card, putIntoCard(await readFile(card, 'utf8'), table))
  } finally {
    await local.close()
  }
}

await new Command('eval:bundled')
  .description('Measures the bundled model on pictures whose truth is known.')
  .requiredOption('--scenes <folder>', 'pictures and truth.json, see tools/python/bundled')
  .option('--photographs <folder>', 'pictures of real things, which it cannot know')
  .option('--model <model>', 'the bundled model, or a folder with another of its kind', 'bundled')
  .option('--precision <precision>', 'as users have it', 'auto')
  .option('--threads <number>', 'threads to compute with')
  .option('--home <folder>', 'where compiled models are kept')
  .option('--card <file>', 'the card to write the results into')
  .option('--json', 'print the scores as JSON')
  .action(run)
  .parseAsync()
  .catch((error: unknown) => {
    reportFailure(error)
    process.exitCode = 1
  })
