import { expect, it } from 'vitest'
import { chooseTheme, readTheme } from './theme.ts'

it('a theme is remembered until the system decides again', () => {
  const kept = new Map<string, string>()
  const storage = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  }
  const root = { dataset: {} as Record<string, string | undefined> }
  expect(readTheme(storage)).toBe('system')
  chooseTheme('dark', root, storage)
  expect([readTheme(storage), root.dataset['theme']]).toEqual(['dark', 'dark'])
  chooseTheme('system', root, storage)
  expect([readTheme(storage), kept.size]).toEqual(['system', 0])
  kept.set('flocap-theme', 'purple')
  expect(readTheme(storage)).toBe('system')
})
