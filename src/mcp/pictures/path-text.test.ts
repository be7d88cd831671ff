import { describe, expect, it } from 'vitest'
import { assertOrdinaryPath } from './path-text.ts'

describe('paths on Windows', () => {
  it.each(['C:\\pictures\\a.jpg', 'd:/pictures/a.jpg', 'C:\\console\\nullable.jpg'])(
    'lets %s pass',
    (path) => {
      expect(() => assertOrdinaryPath(path, 'image', 'win32')).not.toThrow()
    },
  )

  it.each([
    '\\\\server\\share\\a.jpg',
    '\\\\?\\UNC\\server\\share\\a.jpg',
    '\\\\.\\pipe\\name',
    '\\pictures\\a.jpg',
    'pictures\\a.jpg',
    'C:a.jpg',
    'C:\\pictures\\..\\a.jpg',
    'C:\\pictures\\a.jpg:stream',
    'C:\\pictures\\a.jpg::$DATA',
    'C:\\CON',
    'C:\\pictures\\nul.jpg',
    'C:\\pictures\\COM1',
    'C:\\pictures\\lpt9.png',
    'C:\\aux\\a.jpg',
  ])('refuses %s', (path) => {
    expect(() => assertOrdinaryPath(path, 'image', 'win32')).toThrow(/^Expected the absolute path/)
  })
})
