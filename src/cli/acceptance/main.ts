// `npm run acceptance -- --model <model> --checkpoint <text>`: published answers of a checkpoint
// against FloCap's own with the same weights, in float32. The first thing to run where the real
// weights are.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { type LocalCaptioner, startLocalCaptioner } from '../../app/start-app.ts'
import { DEFAULT_GENERATION } from '../../caption/generation.ts'
import { parseAnswer } from '../../caption/parse/parse-answer.ts'
import { renderPrompt } from '../../caption/prompt.ts'
import { parseRegionText } from '../../caption/region.ts'
import { findTask, TASKS } from '../../caption/tasks.ts'
import { type Flags, resolveSettings } from '../../config/settings.ts'
import { reportFailure } from '../report.ts'
import { compareAnswer, type Verdict } from './compare.ts'
import { type PublishedAnswer, readPublishedAnswers } from './values.ts'

interface Options extends Flags {
  readonly checkpoint: string
  readonly values: string
  readonly images: string
  readonly json?: boolean
}

interface Row {
  readonly id: string
  readonly verdict: Verdict | { readonly kind: 'skipped'; readonly remark: string }
}

const DATA = process.env['FLOCAP_REFERENCE_DATA'] ?? join('..', 'shared', 'data')

async function run({ checkpoint, values, images, json = false, ...flags }: Options): Promise<void> {
  const all = await readPublishedAnswers(values)
  const wanted = all.filter((entry) => entry.checkpoint.includes(checkpoint))
  if (wanted.length === 0) {
    const known = [...new Set(all.map((entry) => entry.checkpoint))]
    console.error(`No published answers for '${checkpoint}'. There are some for:`)
    for (const name of known) console.error(`  ${name}`)
    process.exitCode = 1
    return
  }
  const local = await startLocalCaptioner(
    resolveSettings({ ...flags, precision: 'fp32' }, process.env),
  )
  const rows: Row[] = []
  try {
    for (const published of wanted) {
      const row = { id: published.id, verdict: await judge(local, published, images) }
      rows.push(row)
      if (!json) console.log(`${row.verdict.kind.padEnd(8)} ${row.id}  ${row.verdict.remark}`)
    }
  } finally {
    await local.close()
  }
  report(rows, json)
}

async function judge(
  { engine }: LocalCaptioner,
  published: PublishedAnswer,
  images: string,
): Promise<Row['verdict']> {
  const picture = await readPicture(images, published.image)
  if (!picture) return { kind: 'skipped', remark: `no picture ${published.image}` }
  const task = findTask(published.task)
  const { takes, grammar } = TASKS[task]
  const input = published.input ?? ''
  const prompt =
    takes === 'region'
      ? renderPrompt(task, undefined, parseRegionText(input))
      : renderPrompt(task, takes === 'text' ? input : undefined)
  const { settings = {} } = published
  const generation = {
    ...DEFAULT_GENERATION,
    numBeams: settings.greedy ? 1 : (settings.num_beams ?? DEFAULT_GENERATION.numBeams),
    earlyStopping: settings.early_stopping ?? DEFAULT_GENERATION.earlyStopping,
    maxNewTokens: settings.max_new_tokens ?? DEFAULT_GENERATION.maxNewTokens,
    noRepeatNgramSize: settings.no_repeat_ngram_size ?? DEFAULT_GENERATION.noRepeatNgramSize,
  }
  const answer = await engine.answer({
    picture,
    applyOrientation: false,
    queries: [{ prompt, generation }],
  })
  const [sequence] = answer.answers[0]?.sequences ?? []
  if (!sequence) return { kind: 'differs', remark: 'no answer' }
  const data = parseAnswer(grammar, sequence.text, answer.picture, { mode: 'reference' })
  return compareAnswer(published, { tokens: sequence.tokens, data, picture: answer.picture })
}

/** The lossless copy of a published JPEG serves too: its pixels are those of the publication. */
async function readPicture(folder: string, file: string): Promise<Uint8Array | null> {
  for (const name of [file, file.replace(/\.jpe?g$/, '.png')]) {
    try {
      return await readFile(join(folder, name))
    } catch {
      // The next name, or none.
    }
  }
  return null
}

function report(rows: readonly Row[], json: boolean): void {
  const count = (kind: Row['verdict']['kind']): number =>
    rows.filter(({ verdict }) => verdict.kind === kind).length
  const summary = {
    same: count('same'),
    near: count('near'),
    differs: count('differs'),
    skipped: count('skipped'),
  }
  if (json) console.log(JSON.stringify({ summary, rows }))
  else
    console.log(
      Object.entries(summary)
        .map(([kind, n]) => `${n} ${kind}`)
        .join(', '),
    )
  if (summary.differs > 0 || summary.same + summary.near === 0) process.exitCode = 1
}

await new Command('acceptance')
  .description('Compares answers with the published ones of a checkpoint, in float32.')
  .requiredOption('--checkpoint <text>', 'part of the name under which the answers were published')
  .option('--model <model>', 'the same weights', 'bundled')
  .option('--values <file>', 'published answers', join(DATA, 'florence2', 'acceptance-values.json'))
  .option('--images <folder>', 'their pictures', join(DATA, 'florence2', 'images'))
  .option('--threads <number>', 'threads to compute with')
  .option('--home <folder>', 'where compiled models are kept')
  .option('--json', 'print the result as JSON')
  .action(run)
  .parseAsync()
  .catch((error: unknown) => {
    reportFailure(error)
    process.exitCode = 1
  })
