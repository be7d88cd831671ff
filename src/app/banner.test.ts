import { describe, expect, it } from 'vitest'
import { renderAccess } from './banner.ts'

describe('renderAccess', () => {
  const urls = ['http://192.168.1.5:5000']

  it('has nothing to say about a server of this machine only', () => {
    expect(renderAccess({ apiKeys: [], keysForLoopback: true }, [])).toEqual([])
  })

  it('gives a key that was made with the line to try it', () => {
    const lines = renderAccess({ apiKeys: ['k'], keysForLoopback: false, madeKey: 'k' }, urls)
    expect(lines.join('\n')).toContain(
      'curl -H "Authorization: Bearer k" http://192.168.1.5:5000/v1/models',
    )
  })

  it('gives the address where the keys are known', () => {
    const lines = renderAccess({ apiKeys: ['own'], keysForLoopback: true }, urls).join('\n')
    expect(lines).toContain(urls[0])
    expect(lines).not.toContain('own ')
  })

  it('warns loudly when nobody is asked', () => {
    const [line] = renderAccess({ apiKeys: [], keysForLoopback: true, unguarded: true }, urls)
    expect(line).toMatch(/^WARNING/)
  })
})
