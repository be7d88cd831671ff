// The table language model: logits from 32-bit hashing and IEEE double arithmetic, the same bits here
// as in its twin tools/python/search/table_model.py. A search over it can be compared with the
// reference's exactly, and costs nothing to run.
import type { DecoderRow, StepDecoder, StepResult } from '../../src/runtime/generate/decoder.ts'

/** Fields as in the twin, which explains them. */
export interface TableModel {
  readonly seed: number
  readonly vocab: number
  readonly context: number
  readonly scale: number
  readonly sharpness: number
  readonly eosBias: number
  readonly eosSlope: number
  readonly repeatBonus: number
  readonly tieStep: number
}

export const START = 2
export const EOS = 2
export const BOS = 0
const POSITION = 0
const WHOLE_PREFIX = -1

/** float32 [vocab], for the token after `prefix`. */
export function tableLogits(model: TableModel, prefix: readonly number[]): Float32Array {
  const row = rowHash(model, prefix)
  const floor = model.sharpness / model.vocab
  const logits = new Float64Array(model.vocab)
  for (let token = 0; token < model.vocab; token += 1) {
    const unit = mix(Math.imul(token + 1, 0x85ebca77) ^ row) / 2 ** 32
    logits[token] = (model.scale * floor) / (1 - unit + floor)
  }
  const add = (token: number, bonus: number) => {
    logits[token] = (logits[token] ?? 0) + bonus
  }
  add(EOS, model.eosBias + model.eosSlope * prefix.length)
  if (model.repeatBonus !== 0) {
    const newest = prefix.at(-1)
    const followers = new Set(prefix.filter((_, i) => i > 0 && prefix[i - 1] === newest))
    for (const token of followers) add(token, model.repeatBonus)
  }
  const { tieStep } = model
  return new Float32Array(
    tieStep === 0 ? logits : logits.map((x) => Math.floor(x / tieStep) * tieStep),
  )
}

/** Log-softmax in double, rounded once: `exact_log_softmax` of the oracle. */
export function tableLogProbs(model: TableModel, prefix: readonly number[]): Float32Array {
  const logits = tableLogits(model, prefix)
  const highest = logits.reduce((a, b) => Math.max(a, b))
  let total = 0
  for (const logit of logits) total += Math.exp(logit - highest)
  const shift = Math.log(total)
  return logits.map((logit) => logit - highest - shift)
}

export interface TableDecoder extends StepDecoder {
  /** Calls of `prime` and `step` so far. */
  readonly calls: () => number
  /** The prefixes that are live: those of the newest call. */
  readonly prefixes: () => readonly (readonly number[])[]
  /** The largest `k` asked for. */
  readonly widest: () => number
}

export interface TableDecoderOptions {
  /** Always answer with the whole vocabulary, whatever was asked. */
  readonly full?: boolean
}

/** A decoder that is strict about being used as decoder.ts says. */
export function createTableDecoder(
  model: TableModel,
  { full = false }: TableDecoderOptions = {},
): TableDecoder {
  let prefixes: readonly (readonly number[])[] = []
  let calls = 0
  let widest = 0

  async function answer(k: number): Promise<StepResult> {
    if (!Number.isInteger(k) || k < 1 || k > model.vocab) throw new Error(`k = ${k}`)
    calls += 1
    widest = Math.max(widest, k)
    await Promise.resolve()
    const wide = full ? model.vocab : k
    const rows = prefixes.map((prefix) => mostProbable(tableLogProbs(model, prefix), wide))
    return {
      k: wide,
      ids: Int32Array.from(rows.flatMap((row) => row.map(([token]) => token))),
      logProbs: Float32Array.from(rows.flatMap((row) => row.map(([, logProb]) => logProb))),
    }
  }

  return {
    vocabularySize: model.vocab,
    prime(tokens, k) {
      if (calls > 0) throw new Error('primed twice')
      if (tokens.length === 0) throw new Error('primed with nothing')
      prefixes = [[...tokens]]
      return answer(k)
    },
    step(rows: readonly DecoderRow[], k) {
      if (calls === 0) throw new Error('stepped before it was primed')
      if (rows.length === 0) throw new Error('stepped without rows')
      prefixes = rows.map(({ token, parent }) => {
        const prefix = prefixes[parent]
        if (prefix === undefined) throw new Error(`no row ${parent}`)
        return [...prefix, token]
      })
      return answer(k)
    },
    calls: () => calls,
    prefixes: () => prefixes,
    widest: () => widest,
  }
}

/** The k greatest, greatest first, equal ones by id: insertion into a short list. */
function mostProbable(logProbs: Float32Array, k: number): [token: number, logProb: number][] {
  if (k > logProbs.length / 4) {
    const all = Array.from(logProbs, (logProb, token): [number, number] => [token, logProb])
    return all.toSorted((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, k)
  }
  const best: [number, number][] = []
  for (let token = 0; token < logProbs.length; token += 1) {
    const logProb = logProbs[token] ?? 0
    if (best.length === k && logProb <= (best[k - 1]?.[1] ?? 0)) continue
    let place = best.length
    while (place > 0 && logProb > (best[place - 1]?.[1] ?? 0)) place -= 1
    best.splice(place, 0, [token, logProb])
    if (best.length > k) best.pop()
  }
  return best
}

function rowHash(model: TableModel, prefix: readonly number[]): number {
  let row = mix(model.seed ^ 0x9e3779b9)
  for (const number of seenBy(model.context, prefix)) {
    row = mix(row + Math.imul(number + 1, 0x9e3779b1))
  }
  return row
}

function seenBy(context: number, prefix: readonly number[]): readonly number[] {
  if (context === POSITION) return [prefix.length]
  return context === WHOLE_PREFIX ? prefix : prefix.slice(-context)
}

/** The 32-bit finaliser of MurmurHash3. */
function mix(word: number): number {
  let h = word >>> 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b) >>> 0
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35) >>> 0
  return (h ^ (h >>> 16)) >>> 0
}
