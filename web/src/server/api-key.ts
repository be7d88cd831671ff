// Where the API key is kept: in this tab, or in this browser when the user says so. Never in an
// address, where histories and logs would keep it too.

const NAME = 'flocap-api-key'

type KeyStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export interface ApiKey {
  read(): string | undefined
  /** @param remember until it is forgotten, instead of until the tab is closed. */
  keep(key: string, remember: boolean): void
  forget(): void
}

export function createApiKey(tab: KeyStorage, browser: KeyStorage): ApiKey {
  return {
    read: () => tab.getItem(NAME) ?? browser.getItem(NAME) ?? undefined,
    keep(key, remember) {
      this.forget()
      const storage = remember ? browser : tab
      storage.setItem(NAME, key)
    },
    forget() {
      tab.removeItem(NAME)
      browser.removeItem(NAME)
    },
  }
}
