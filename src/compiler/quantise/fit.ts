// Quantising a model that nobody here has seen, and proving it: compile in float32 with probes, look
// at what its layers see, compile in 8 bits fitted to that, compare, and give the layers that hurt
// their float32 back until the whole is close enough.
import { mkdir, rm } from 'node:fs/promises'
import type { Logger } from '../../base/log.ts'
import type { QuantisationReport } from '../../compiled/manifest.ts'
import type { LinearFormat, LinearPlan } from '../florence2/fused/linear-plan.ts'
import type { Steps } from '../steps.ts'
import type { Laboratory } from './laboratory.ts'
import { AUTO_BOUND, isWithin, measureError } from './measure.ts'
import { chooseSmoothing } from './smoothing.ts'
import { type ChannelStatistics, mergeProbes, probingPlan } from './statistics.ts'

/** Shares of the 8-bit layers that get float32 back, worst first, one after the other. */
const REPAIRED_SHARES = [0, 0.1, 0.3, 1]

/** Each writes a model and runs it. */
const STEPS_OF_ATTEMPT = 2

export interface Fitting {
  /** Compiles the checkpoint by a plan into an empty folder. */
  readonly write: (folder: string, plan: LinearPlan) => Promise<void>
  /** The formats to start from. */
  readonly formatOf: (path: string) => LinearFormat
  readonly laboratory: Laboratory
  readonly log: Logger
  readonly steps: Steps
}

/**
 * Compiles into `folder` and tells what was measured.
 *
 * @param repair whether to give layers up until the bound holds; without it the model is measured and
 *   left as it is.
 */
export async function fitQuantisation(
  folder: string,
  { write, formatOf, laboratory, log, steps }: Fitting,
  repair: boolean,
): Promise<QuantisationReport> {
  steps.expect(2 * STEPS_OF_ATTEMPT)
  await write(folder, probingPlan())
  steps.done()
  const reference = await laboratory.observe(folder, 'mapped')
  steps.done()
  const statistics = mergeProbes(reference.map(({ probes }) => probes))

  let ranking: readonly string[] = []
  for (const [attempt, share] of REPAIRED_SHARES.entries()) {
    const float32Layers: ReadonlySet<string> = new Set(
      ranking.slice(0, Math.ceil(share * ranking.length)),
    )
    const fitted = fittedPlan(statistics, (path) =>
      float32Layers.has(path) ? 'f32' : formatOf(path),
    )
    await rm(folder, { recursive: true })
    await mkdir(folder)
    await write(folder, fitted.plan)
    steps.done()
    const error = measureError(reference, await laboratory.observe(folder, 'packed'))
    const withinBound = isWithin(error, AUTO_BOUND)
    log.debug({ ...error, float32Layers: float32Layers.size }, 'measured the quantised model')

    const isLast = withinBound || !repair || attempt === REPAIRED_SHARES.length - 1
    if (!isLast) steps.expect(STEPS_OF_ATTEMPT)
    steps.done()
    if (isLast) {
      return {
        error,
        bound: AUTO_BOUND,
        withinBound,
        smoothedLayers: fitted.smoothed.size,
        float32Layers: [...float32Layers].toSorted(),
      }
    }
    // The first attempt ranks all layers; the later ones go further down the same list.
    if (attempt === 0) ranking = rankLayers(fitted.predictedErrors)
  }
  throw new Error('the last attempt always returns')
}

/** Paths of the 8-bit layers, the most noise first. */
function rankLayers(predictedErrors: ReadonlyMap<string, number>): string[] {
  return [...predictedErrors].toSorted(([, a], [, b]) => b - a).map(([path]) => path)
}

interface FittedPlan {
  readonly plan: LinearPlan
  /** Filled while the plan is followed. */
  readonly predictedErrors: ReadonlyMap<string, number>
  readonly smoothed: ReadonlySet<string>
}

function fittedPlan(
  statistics: ReadonlyMap<string, ChannelStatistics>,
  formatOf: (path: string) => LinearFormat,
): FittedPlan {
  const predictedErrors = new Map<string, number>()
  const smoothed = new Set<string>()
  return {
    predictedErrors,
    smoothed,
    plan: {
      formatOf,
      observe: () => undefined,
      smoothingOf(path, layer, free) {
        const seen = statistics.get(path)
        if (!seen || formatOf(path) !== 'int8') return null
        const { scales, predictedError } = chooseSmoothing(layer, seen, free)
        predictedErrors.set(path, predictedError)
        if (scales) smoothed.add(path)
        return scales
      },
    },
  }
}
