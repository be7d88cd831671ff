// That the notice about the demo model was closed is remembered: it says the same each time.

const NAME = 'flocap-demo-notice'

export function readIsClosed(storage: Pick<Storage, 'getItem'>): boolean {
  return storage.getItem(NAME) === 'closed'
}

export function rememberClosed(storage: Pick<Storage, 'setItem'>): void {
  storage.setItem(NAME, 'closed')
}
