import { expect, it } from 'vitest'
import { takeSecret } from './take-secret.ts'

function createBrowser() {
  const kept = new Map<string, string>()
  const shown: unknown[] = []
  return {
    shown,
    history: { replaceState: (_data: unknown, _unused: string, url?: unknown) => shown.push(url) },
    storage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    },
  }
}

it('takes the secret out of the address and finds it again after a reload', () => {
  const { history, storage, shown } = createBrowser()
  expect(takeSecret({ hash: '#abc', pathname: '/' }, history, storage)).toBe('abc')
  expect(shown).toEqual(['/'])
  expect(takeSecret({ hash: '', pathname: '/' }, history, storage)).toBe('abc')
})

it('has none when the address had none', () => {
  const { history, storage } = createBrowser()
  expect(takeSecret({ hash: '', pathname: '/' }, history, storage)).toBe('')
})
