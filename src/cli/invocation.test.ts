import { hostname } from 'node:os'
import { join, sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type LaunchFacts, serveCommand, spell, spellCommands } from './invocation.ts'

const CLONE: LaunchFacts = { script: '/clone/dist/cli/main.js', folder: '/clone', environment: {} }

const LAUNCHES: readonly (readonly [
  name: string,
  facts: LaunchFacts,
  pull: string,
  serve: string,
])[] = [
  [
    'npm start',
    { ...CLONE, environment: { npm_lifecycle_event: 'start', npm_command: 'run-script' } },
    'node dist/cli/main.js pull base',
    'npm start -- --model base',
  ],
  [
    'node in a clone',
    CLONE,
    'node dist/cli/main.js pull base',
    'node dist/cli/main.js serve --model base',
  ],
  [
    'node from elsewhere, by a path with a blank',
    { ...CLONE, script: '/my clone/dist/cli/main.js' },
    'node "../my clone/dist/cli/main.js" pull base',
    'node "../my clone/dist/cli/main.js" serve --model base',
  ],
  [
    'a program that npx started',
    { ...CLONE, environment: { npm_command: 'exec' } },
    'node dist/cli/main.js pull base',
    'node dist/cli/main.js serve --model base',
  ],
  [
    'npx',
    { ...CLONE, script: '/p/node_modules/.bin/flocap', environment: { npm_command: 'exec' } },
    'npx flocap pull base',
    'npx flocap --model base',
  ],
  [
    'an installed package',
    { ...CLONE, script: '/usr/bin/flocap' },
    'flocap pull base',
    'flocap --model base',
  ],
  [
    'an installed package on Windows',
    { ...CLONE, script: String.raw`C:\npm\node_modules\flocap\dist\cli\main.js` },
    'flocap pull base',
    'flocap --model base',
  ],
  [
    'a portable archive, in its folder',
    { ...CLONE, environment: { FLOCAP_PORTABLE: '/clone/flocap' } },
    `.${sep}flocap pull base`,
    `.${sep}flocap --model base`,
  ],
  [
    'a portable archive, from elsewhere',
    { ...CLONE, environment: { FLOCAP_PORTABLE: '/my apps/flocap' } },
    `"${join('..', 'my apps', 'flocap')}" pull base`,
    `"${join('..', 'my apps', 'flocap')}" --model base`,
  ],
  [
    'a container',
    { ...CLONE, environment: { FLOCAP_CONTAINER: '1' } },
    `docker exec ${hostname()} flocap pull base`,
    'docker run ... flocap serve --model base',
  ],
]

it.each(LAUNCHES)('%s: says what stands in front of options of the server', (...launch) => {
  const [, facts, , serve] = launch
  expect(`${serveCommand(facts)} --model base`).toBe(serve)
})

describe.each(LAUNCHES)('started by %s', (_name, facts, pull, serve) => {
  it('names commands and options of the server as they must be typed', () => {
    expect(spell('pull base', facts)).toBe(pull)
    expect(spell('--model base', facts)).toBe(serve)
  })

  it('spells the commands inside a sentence', () => {
    expect(spellCommands("See 'flocap pull base'; 'flocap --model base' uses it.", facts)).toBe(
      `See '${pull}'; '${serve}' uses it.`,
    )
  })
})

it('leaves other words alone', () => {
  expect(spellCommands("the model 'flocap-demo' of flocap", CLONE)).toBe(
    "the model 'flocap-demo' of flocap",
  )
})
