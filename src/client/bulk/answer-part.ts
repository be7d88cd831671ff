// One part of a run: its requests as a batch, and as further ones where answers decide what is asked next.
import { FlocapError } from '../../base/errors.ts'
import type { AheadTurn } from '../../caption/ask-ahead.ts'
import type { AnsweredBatch, BatchRunner } from './batch-runner.ts'
import { type Asking, createCollector, knowingCaptioner } from './collector.ts'
import type { Part } from './cut-parts.ts'
import type { LineAnswers } from './line-answers.ts'
import { createSpool, type Spool } from './spool.ts'

/** @throws FlocapError as `BatchRunner.run`; the reason of the run's signal */
export async function answerPart<Picture>(
  part: Part<Picture>,
  asking: Asking<Picture>,
  runner: BatchRunner,
): Promise<readonly AheadTurn<Picture>[]> {
  const answers: LineAnswers = new Map()
  const done: AnsweredBatch[] = []
  let { spool, isPartial }: { spool: Spool; isPartial: boolean } = part
  try {
    while (spool.ids.size > 0) {
      const batch = await runner.run(spool)
      done.push(batch)
      for (const id of spool.ids) {
        answers.set(id, batch.answers.get(id) ?? { error: batch.unanswered })
      }
      if (!asking.run.asksInTurn && !isPartial && !isAnyEmpty(batch.answers)) break
      await spool.remove()
      spool = await createSpool(asking.limits)
      isPartial = await collectAgain(part.pictures, asking, answers, spool)
    }
  } finally {
    await spool.remove()
  }
  const captioner = knowingCaptioner(asking, answers, async () => {
    throw hasChanged()
  })
  let left = part.pictures.length
  const settle = async (): Promise<void> => {
    left -= 1
    if (left === 0) for (const batch of done) await batch.forget()
  }
  return part.pictures.map((picture) => ({ picture, captioner, settle }))
}

/** @returns whether the spool had no room for all of it */
async function collectAgain<Picture>(
  pictures: readonly Picture[],
  asking: Asking<Picture>,
  answers: LineAnswers,
  spool: Spool,
): Promise<boolean> {
  const collector = createCollector(asking, answers, spool)
  let fits = true
  for (const picture of pictures) fits = (await collector.collect(picture)) && fits
  return !fits
}

/** Where one of several answers is empty, the others are asked for one by one. */
function isAnyEmpty(answers: LineAnswers): boolean {
  return [...answers.values()].some(
    (answer) => 'error' in answer && answer.error.code === 'empty_answer',
  )
}

function hasChanged(): FlocapError {
  return new FlocapError('cancelled', 'The picture changed while its batch was answered.', {
    hint: 'Run the command again.',
  })
}
