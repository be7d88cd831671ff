import { describe, expect, it } from 'vitest'
import { systemCode, toDiskError } from './system-errors.ts'

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: something`), { code })
}

describe('toDiskError', () => {
  it.each(['ENOSPC', 'EDQUOT', 'EROFS'])('of %s names the path and the need', (code) => {
    const cause = systemError(code)
    expect(toDiskError(cause, { what: 'Compiling', path: '/cache', bytes: 3.3e9 })).toMatchObject({
      code: 'disk_full',
      message: expect.stringMatching(new RegExp(`^Compiling failed: .*${code}.*3.30 GB`)),
      subject: '/cache',
      hint: expect.stringContaining('/cache'),
      cause,
    })
  })

  it('leaves other errors as they are', () => {
    for (const error of [systemError('EACCES'), new Error('ENOSPC'), 'ENOSPC', undefined]) {
      expect(toDiskError(error, { what: 'Compiling', path: '/cache' })).toBe(error)
    }
  })
})

describe('systemCode', () => {
  it('is that of an error of the system, and of nothing else', () => {
    expect(systemCode(systemError('ENOENT'))).toBe('ENOENT')
    expect(systemCode(Object.assign(new Error('x'), { code: 7 }))).toBeUndefined()
    expect(systemCode({ code: 'ENOENT' })).toBeUndefined()
  })
})
