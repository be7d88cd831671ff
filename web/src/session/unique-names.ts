// File names that may stand in one folder: two pictures of one name must not share a file.

/** Repeated names get a number before their ending: `a.txt`, `a (2).txt`. Case makes no difference. */
export function uniqueNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    const safe = name.replaceAll(/[\\/:*?"<>|\p{Cc}]/gu, '_')
    const [, stem = safe, ending = ''] = /^(.*?)(\.[^.]*)?$/.exec(safe) ?? []
    let unique = safe
    for (let number = 2; taken.has(unique.toLowerCase()); number += 1) {
      unique = `${stem} (${number})${ending}`
    }
    taken.add(unique.toLowerCase())
    return unique
  })
}
