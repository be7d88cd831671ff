import { describe, expect, it } from 'vitest'
import { hasFlag, resolveSettings, SETTINGS } from './settings.ts'

describe('resolveSettings', () => {
  it('serves the best model that is here on port 5000 of this machine when nothing is said', () => {
    expect(resolveSettings({}, {})).toMatchObject({ port: 5000, listen: false, model: 'auto' })
  })

  it('prefers a flag to the environment and the environment to the default', () => {
    const environment = { FLOCAP_PORT: '6000', FLOCAP_MODEL: 'from-environment' }
    const settings = resolveSettings({ port: '7000' }, environment)
    expect(settings).toMatchObject({ port: 7000, model: 'from-environment' })
  })

  it('takes an empty variable as silence, as compose files write it', () => {
    expect(resolveSettings({}, { FLOCAP_PORT: '' }).port).toBe(5000)
  })

  it.each(['70000', '-1', '80.5', 'http', '', ' '])(
    'refuses port %j and says what it must be',
    (port) => {
      expect(() => resolveSettings({ port }, {})).toThrow(
        `Expected a whole number from 0 to 65535 for --port, got '${port}'.`,
      )
    },
  )

  it.each(['TRUE', '1', 'yes', 'on'])('reads the switch %j as on', (listen) => {
    expect(resolveSettings({}, { FLOCAP_LISTEN: listen }).listen).toBe(true)
  })

  it("honours the first FloCap's DEBUG=TRUE, and not what other programs mean by DEBUG", () => {
    expect(resolveSettings({}, { DEBUG: 'TRUE' }).debug).toBe(true)
    expect(resolveSettings({}, { DEBUG: 'express:*' }).debug).toBe(false)
    expect(resolveSettings({}, { DEBUG: 'TRUE', FLOCAP_DEBUG: 'false' }).debug).toBe(false)
  })

  it("reads the Hub's address and token from the variables that its own tools use", () => {
    const environment = { HF_ENDPOINT: 'https://mirror.example', HF_TOKEN: 'hf_secret' }
    expect(resolveSettings({}, environment)).toMatchObject({
      hubEndpoint: 'https://mirror.example',
      hubToken: 'hf_secret',
    })
  })

  it('reads how pictures are decoded', () => {
    expect(resolveSettings({}, {})).toMatchObject({ background: 'white', maxMegapixels: 120 })
    expect(resolveSettings({ background: '#F80' }, { FLOCAP_MAX_MEGAPIXELS: '200' })).toMatchObject(
      { background: '#ff8800', maxMegapixels: 200 },
    )
    expect(() => resolveSettings({ background: 'red' }, {})).toThrow(/or a colour such as #ff8800/)
    expect(() => resolveSettings({ maxMegapixels: '501' }, {})).toThrow(/for --max-megapixels, got/)
  })

  it('names the variable that has a bad value', () => {
    expect(() => resolveSettings({}, { FLOCAP_DEBUG: 'perhaps' })).toThrow(
      "Expected true or false for FLOCAP_DEBUG, got 'perhaps'.",
    )
  })
})

describe('SETTINGS', () => {
  it('describes each setting in one sentence and gives each its own variable', () => {
    const kinds = Object.values(SETTINGS)
    for (const { description } of kinds) expect(description).toMatch(/^[A-Z].*\.$/)
    // Secrets on a command line would be shown to everybody who lists processes.
    expect(hasFlag('hubToken')).toBe(false)
    expect(new Set(kinds.map((kind) => kind.environment)).size).toBe(kinds.length)
  })
})

describe('a time', () => {
  it.each([
    ['0', 0],
    ['90', 90],
    ['90s', 90],
    ['10m', 600],
    ['2 H', 7200],
  ])('%s is %i seconds', (text, seconds) => {
    expect(resolveSettings({ idleUnload: text }, {}).idleUnload).toBe(seconds)
  })

  it.each(['', 'soon', '-1', '1.5m', '10 minutes', '200h'])('is not %j', (text) => {
    expect(() => resolveSettings({ idleUnload: text }, {})).toThrow(/a time such as 90s, 10m or 2h/)
  })
})
