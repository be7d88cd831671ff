import { describe, expect, it } from 'vitest'
import { connectionsTo } from './connections.ts'

describe('connectionsTo', () => {
  it('has the address of this server in every line', () => {
    for (const { value } of connectionsTo('http://10.0.0.7:5000', false)) {
      expect(value).toContain('http://10.0.0.7:5000')
    }
  })

  it('shows where a key goes, and no key', () => {
    const curl = connectionsTo('http://a', true).find(({ client }) => client === 'curl')
    expect(curl?.value).toContain('Authorization: Bearer $FLOCAP_API_KEY')
    expect(
      connectionsTo('http://a', false)
        .map(({ value }) => value)
        .join(),
    ).not.toContain('Bearer')
  })
})
