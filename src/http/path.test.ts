import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalisePath, pathOfUrl } from './path.ts'

describe('pathOfUrl', () => {
  it.each([
    ['http://h:5000/models', '/models'],
    ['http://h:5000//chat/completions', '//chat/completions'],
    ['http://h:5000/models?a=/b', '/models'],
    ['http://h:5000', '/'],
    ['http://h:5000?x=1', '/'],
    ['//chat/completions', '//chat/completions'],
  ])('reads the path of %s as it was sent', (url, path) => {
    expect(pathOfUrl(url)).toBe(path)
  })
})

describe('normalisePath', () => {
  it.each([
    ['/chat/completions', '/chat/completions'],
    ['//chat/completions', '/chat/completions'],
    ['/v1/chat/completions', '/chat/completions'],
    ['/v1//chat/completions', '/chat/completions'],
    ['/v1/chat/completions/', '/chat/completions'],
    ['/v1/v1/chat/completions', '/chat/completions'],
    ['/v1/chat/completions/chat/completions', '/chat/completions'],
    ['/v1/chat/completions/v1/chat/completions', '/chat/completions'],
    ['/v1/chat/completions/models', '/models'],
    ['//models', '/models'],
    ['/v1/models/org/name:tag', '/models/org/name:tag'],
    ['/v1', '/'],
    ['///', '/'],
    ['/api/v1/caption', '/api/v1/caption'],
    ['/v1beta/models', '/v1beta/models'],
    ['/openai/v1/chat/completions', '/chat/completions'],
    ['/ollama/api/chat', '/api/chat'],
    ['/ollama/v1/models', '/models'],
    ['/anthropic/v1/messages', '/messages'],
    ['/api/chat/completions', '/chat/completions'],
    ['/api/v1/chat/completions', '/chat/completions'],
    ['/api/v0/chat/completions', '/chat/completions'],
    ['/api/chat', '/api/chat'],
    ['/api/v0/models', '/api/v0/models'],
  ])('reads %s as %s', (path, normal) => {
    expect(normalisePath(path)).toBe(normal)
  })

  it('changes nothing when applied a second time', () => {
    const segment = fc.constantFrom(
      '',
      'v1',
      'openai',
      'api',
      'chat',
      'completions',
      'models',
      'api',
      'x',
    )
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 12 }), (segments) => {
        const normal = normalisePath(`/${segments.join('/')}`)
        expect(normalisePath(normal)).toBe(normal)
        expect(normal).toMatch(/^\/(?:[^/]+(?:\/[^/]+)*)?$/)
      }),
    )
  })
})
