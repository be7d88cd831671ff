// The secret that the address of a review ends in: kept for reloads, taken out of the address bar.

const KEPT_AS = 'flocap-review-secret'

export function takeSecret(
  { hash, pathname }: Pick<Location, 'hash' | 'pathname'>,
  history: Pick<History, 'replaceState'>,
  storage: Pick<Storage, 'getItem' | 'setItem'>,
): string {
  const given = hash.slice(1)
  if (given === '') return storage.getItem(KEPT_AS) ?? ''
  storage.setItem(KEPT_AS, given)
  history.replaceState(null, '', pathname)
  return given
}
