import { describe, expect, it } from 'vitest'
import { createApiKey } from './api-key.ts'

function storage() {
  const items = new Map<string, string>()
  return {
    items,
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, value: string) => void items.set(name, value),
    removeItem: (name: string) => void items.delete(name),
  }
}

describe('the API key', () => {
  it('stays in the tab unless the browser may remember it', () => {
    const [tab, browser] = [storage(), storage()]
    const key = createApiKey(tab, browser)
    expect(key.read()).toBeUndefined()
    key.keep('one', false)
    expect([key.read(), tab.items.size, browser.items.size]).toEqual(['one', 1, 0])
    key.keep('two', true)
    expect([key.read(), tab.items.size, browser.items.size]).toEqual(['two', 0, 1])
  })

  it('is forgotten everywhere', () => {
    const [tab, browser] = [storage(), storage()]
    const key = createApiKey(tab, browser)
    key.keep('one', true)
    key.forget()
    expect([key.read(), tab.items.size, browser.items.size]).toEqual([undefined, 0, 0])
  })
})
