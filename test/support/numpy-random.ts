// numpy.random.RandomState(seed).randint(0, 256, ..., dtype=uint8): inputs of goldens that were made
// with numpy. Source: Matsumoto and Nishimura's MT19937; numpy cuts each 32-bit draw into bytes,
// lowest first.

const SIZE = 624
const SHIFT = 397

/** `count` bytes of the generator started with `seed`. */
export function createNumpyBytes(seed: number, count: number): Uint8Array {
  const state = new Uint32Array(SIZE)
  state[0] = seed
  for (let i = 1; i < SIZE; i += 1) {
    const previous = state[i - 1] ?? 0
    state[i] = Math.imul(1_812_433_253, previous ^ (previous >>> 30)) + i
  }
  const words = new Uint32Array(Math.ceil(count / 4))
  for (let at = 0; at < words.length; at += 1) {
    if (at % SIZE === 0) twist(state)
    words[at] = temper(state[at % SIZE] ?? 0)
  }
  return new Uint8Array(words.buffer, 0, count)
}

function twist(state: Uint32Array): void {
  for (let i = 0; i < SIZE; i += 1) {
    const mixed = ((state[i] ?? 0) & 0x80000000) | ((state[(i + 1) % SIZE] ?? 0) & 0x7fffffff)
    const shifted = (state[(i + SHIFT) % SIZE] ?? 0) ^ (mixed >>> 1)
    state[i] = (mixed & 1) === 0 ? shifted : shifted ^ 0x9908b0df
  }
}

function temper(word: number): number {
  let value = word
  value ^= value >>> 11
  value ^= (value << 7) & 0x9d2c5680
  value ^= (value << 15) & 0xefc60000
  value ^= value >>> 18
  return value
}
