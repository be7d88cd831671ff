import { describe, expect, it } from 'vitest'
import { parseImageHosts } from './allowed-hosts.ts'
import { parseImageUrl } from './image-url.ts'
import { redirected } from './redirect.ts'

const ALLOWED = parseImageHosts(['*'])
const follow = (from: string, location: string | undefined) =>
  redirected(parseImageUrl(from, 'image', ALLOWED), location, 'image', ALLOWED).url.href

describe('redirected', () => {
  it.each([
    ['https://images.test/a', '/b', 'https://images.test/b'],
    ['https://images.test/a', '//cdn.test/b', 'https://cdn.test/b'],
    ['http://images.test/a', 'https://images.test/a', 'https://images.test/a'],
    ['http://images.test/a', 'http://cdn.test/b', 'http://cdn.test/b'],
  ])('from %s to %s is followed', (from, location, goal) => {
    expect(follow(from, location)).toBe(goal)
  })

  it.each(['http://images.test/a', 'HTTP://cdn.test/b', 'http:b', 'ftp://images.test/a'])(
    'from https to %s is refused',
    (location) => {
      expect(() => follow('https://images.test/a', location)).toThrow(
        expect.objectContaining({ code: 'failed_to_download_image' }),
      )
    },
  )

  it.each([undefined, 'https://['])('to %s is refused', (location) => {
    expect(() => follow('https://images.test/a', location)).toThrow(
      expect.objectContaining({ code: 'failed_to_download_image' }),
    )
  })
})
