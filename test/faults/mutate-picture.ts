// Damage to picture files, the same at every run.

/** Some bytes changed, most often near the start, where the headers are; sometimes cut or doubled. */
export function mutate(picture: Uint8Array, random: () => number): Uint8Array {
  const bytes = Buffer.from(picture)
  const changes = 1 + Math.floor(random() * 8)
  for (let change = 0; change < changes; change += 1) {
    const range = random() < 0.6 ? Math.min(bytes.length, 200) : bytes.length
    const values = [0, 255, 127, Math.floor(random() * 256)]
    bytes[Math.floor(random() * range)] = values[Math.floor(random() * values.length)]!
  }
  const kind = random()
  if (kind < 0.15) return bytes.subarray(0, Math.ceil(random() * bytes.length))
  if (kind < 0.25) {
    const at = Math.floor(random() * bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.floor(at / 2))])
  }
  return bytes
}

/** Mulberry32: the same pictures at every run. */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
