// Light or dark: as the system has it, or as it was chosen here.

const NAME = 'flocap-theme'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

export function isTheme(value: unknown): value is Theme {
  return THEMES.some((theme) => theme === value)
}

type ThemeStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** What was chosen before; `system` also where the browser keeps nothing. */
export function readTheme(storage: ThemeStorage): Theme {
  const kept = storage.getItem(NAME)
  return isTheme(kept) ? kept : 'system'
}

/** Shows it and remembers it; of the system's own nothing is kept. */
export function chooseTheme(
  theme: Theme,
  root: { dataset: Record<string, string | undefined> },
  storage: ThemeStorage,
): void {
  root.dataset['theme'] = theme
  if (theme === 'system') storage.removeItem(NAME)
  else storage.setItem(NAME, theme)
}
