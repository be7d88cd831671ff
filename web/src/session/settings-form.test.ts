import { describe, expect, it } from 'vitest'
import { SETTING_FIELDS, settingFault, toSettings } from './settings-form.ts'

const beams = SETTING_FIELDS.find(({ name }) => name === 'num_beams')!

describe('settings of a request', () => {
  it('are what was typed; what is empty is left to the server', () => {
    expect(toSettings({})).toEqual({})
    expect(toSettings({ num_beams: '1', prefix: 'A photo ', temperature: ' ', seed: '0' })).toEqual(
      { num_beams: 1, prefix: 'A photo ', seed: 0 },
    )
  })

  it.each(['0', '1.5', '99', 'x'])('beams are not %s', (text) => {
    expect(toSettings({ num_beams: text })).toEqual({})
    expect(settingFault(beams, { num_beams: text })).toBe(
      `Expected a whole number from 1 to 8, got ${text}.`,
    )
  })
})
