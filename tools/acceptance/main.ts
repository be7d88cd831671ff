// `npm run acceptance`: answers that were published against FloCap's own with the same weights, in
// float32, for every model of the plan. The first thing to run where a network or the weights are.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { type LocalCaptioner, startLocalCaptioner } from '../../src/app/start-model.ts'
import { FlocapError, toFlocapError } from '../../src/base/errors.ts'
import { type Flags, resolveSettings } from '../../src/config/settings.ts'
import { createProgressPrinter } from '../../src/cli/progress.ts'
import { reportFailure } from '../../src/cli/report.ts'
import { isAccepted, renderConclusion, summarise } from './conclusion.ts'
import { judge, type Row } from './judge.ts'
import { PLAN, type PlannedModel, questionsFor } from './plan.ts'
import { type PublishedAnswer, readPublishedAnswers } from './values.ts'

interface Options extends Flags {
  readonly checkpoint?: string
  readonly only?: string
  readonly use: Readonly<Record<string, string>>
  readonly values: string
  readonly images: string
  readonly json?: boolean
}

type OnRow = (row: Row) => void

const DATA = process.env['FLOCAP_REFERENCE_DATA'] ?? join('..', 'shared', 'data')

async function run({ checkpoint, only, use, values, images, json, ...flags }: Options) {
  const all = await readPublishedAnswers(values)
  const rows: Row[] = []
  const onRow: OnRow = (row) => {
    rows.push(row)
    if (!json) console.log(`${row.verdict.kind.padEnd(8)} ${row.id}  ${row.verdict.remark}`)
  }
  if (checkpoint === undefined) {
    const picture = await anyPicture(all, images)
    for (const planned of chooseModels(only)) {
      const model = use[planned.name] ?? planned.name
      const instead = model === planned.name ? '' : `, with ${model} in its place`
      if (!json) console.log(`\n${planned.name}${instead}`)
      const started = await startOrSay({ ...flags, model }, planned.name, onRow)
      if (!started) continue
      judgeSettings(started, planned, onRow)
      await judgeAll(started, questionsFor(planned, all, picture), images, onRow)
    }
  } else {
    const wanted = all.filter((entry) => entry.checkpoint.includes(checkpoint))
    if (wanted.length === 0) throw unknownCheckpoint(checkpoint, all)
    await judgeAll(await start({ model: 'bundled', ...flags }), wanted, images, onRow)
  }
  report(rows, json === true)
}

async function start(flags: Flags): Promise<LocalCaptioner> {
  const settings = resolveSettings({ ...flags, precision: 'fp32' }, process.env)
  return startLocalCaptioner(settings, { onInstall: createProgressPrinter(settings.model) })
}

/** One model that cannot be had does not keep the others from being judged. */
async function startOrSay(
  flags: Flags,
  id: string,
  onRow: OnRow,
): Promise<LocalCaptioner | undefined> {
  try {
    return await start(flags)
  } catch (error) {
    onRow({ id, verdict: { kind: 'differs', remark: toFlocapError(error).message } })
    return undefined
  }
}

async function judgeAll(
  local: LocalCaptioner,
  questions: readonly PublishedAnswer[],
  images: string,
  onRow: OnRow,
): Promise<void> {
  try {
    for (const question of questions) {
      onRow({ id: question.id, verdict: await judge(local, question, images) })
    }
  } finally {
    await local.close()
  }
}

/** Whether the model's files say of the search what they said when they were published. */
function judgeSettings({ engine }: LocalCaptioner, { name, settings }: PlannedModel, onRow: OnRow) {
  if (!settings) return
  const found = engine.description.generation?.earlyStopping ?? false
  const kind = found === settings.earlyStopping ? 'same' : 'differs'
  const remark = `early_stopping ${found}, expected ${settings.earlyStopping}`
  onRow({ id: `${name} settings`, verdict: { kind, remark } })
}

function chooseModels(only: string | undefined): readonly PlannedModel[] {
  if (only === undefined) return PLAN
  return only.split(',').map((name) => {
    const planned = PLAN.find((model) => model.name === name)
    if (planned) return planned
    const names = PLAN.map((model) => model.name).join(', ')
    throw new FlocapError('invalid_setting', `Expected names of ${names}, got '${name}'.`, {
      subject: '--only',
    })
  })
}

/** The first published picture that is at hand. */
async function anyPicture(all: readonly PublishedAnswer[], images: string): Promise<string> {
  const here = await readdir(images).catch((): string[] => [])
  const names = all.map(({ image }) => image.replace(/\.jpe?g$/, '.png'))
  return names.find((name) => here.includes(name)) ?? 'car.png'
}

function unknownCheckpoint(wanted: string, all: readonly PublishedAnswer[]): FlocapError {
  const known = [...new Set(all.map((entry) => entry.checkpoint))]
  return new FlocapError('invalid_setting', `There are no published answers for '${wanted}'.`, {
    subject: '--checkpoint',
    hint: `There are some for ${known.join('; ')}.`,
  })
}

function report(rows: readonly Row[], json: boolean): void {
  const summary = summarise(rows)
  console.log(json ? JSON.stringify({ summary, rows }) : `\n${renderConclusion(summary)}`)
  if (!isAccepted(summary)) process.exitCode = 1
}

function collectUse(text: string, before: Options['use']): Options['use'] {
  const [name = '', ...model] = text.split('=')
  if (PLAN.some((planned) => planned.name === name) && model.length > 0) {
    return { ...before, [name]: model.join('=') }
  }
  throw new FlocapError('invalid_setting', `Expected name=model for --use, got '${text}'.`, {
    subject: '--use',
    hint: `The names are ${PLAN.map((planned) => planned.name).join(', ')}.`,
  })
}

await new Command('acceptance')
  .description('Compares answers with the published ones, in float32: all models, or one.')
  .option('--only <names>', 'some of the models, with commas between')
  .option('--use <name=model>', 'a folder or repository in place of a model', collectUse, {})
  .option('--checkpoint <text>', 'only answers published under such a name, with --model')
  .option('--model <model>', 'the weights for --checkpoint')
  .option('--values <file>', 'published answers', join(DATA, 'florence2', 'acceptance-values.json'))
  .option('--images <folder>', 'their pictures', join(DATA, 'florence2', 'images'))
  .option('--threads <number>', 'threads to compute with')
  .option('--home <folder>', 'where models and their compiled forms are kept')
  .option('--json', 'print the result as JSON')
  .action(run)
  .parseAsync()
  .catch((error: unknown) => {
    reportFailure(error)
    process.exitCode = 1
  })
