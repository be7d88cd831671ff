import { expect, it } from 'vitest'
import { renderTable } from './table.ts'

it('aligns columns and leaves no spaces at the ends of lines', () => {
  expect(
    renderTable([
      ['NAME', 'SIZE'],
      ['base', '-'],
      ['large-4k', ''],
    ]),
  ).toBe('NAME      SIZE\nbase      -\nlarge-4k')
})
