// Tags: what stands between commas, each once.

/** In their order; two that differ only in case are one. */
export function toTags(text: string): readonly string[] {
  return distinctTags(text.split(','))
}

export function distinctTags(tags: readonly string[]): readonly string[] {
  const seen = new Map<string, string>()
  for (const tag of tags) {
    const clean = tag.replaceAll(/\s+/g, ' ').trim().replace(/\.$/, '')
    const key = clean.toLowerCase()
    if (clean !== '' && !seen.has(key)) seen.set(key, clean)
  }
  return [...seen.values()]
}
