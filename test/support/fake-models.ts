// Models of a server that a test has in its hand: what is pulled and switched to is remembered.
import { FlocapError } from '../../src/base/errors.ts'
import type { ManagedModels, ManagedState } from '../../src/http/managed-models.ts'
import type { ModelEntry } from '../../src/http/surfaces/manage/schema.ts'

const ENTRY: ModelEntry = {
  name: 'base',
  note: "The small model: less than half of large's time and memory.",
  licence: 'MIT (Microsoft)',
  demo: false,
  parameters: 231_000_000,
  download_bytes: 466_000_000,
  installed_bytes: null,
  serving: false,
}

const FAKE_MODELS: readonly ModelEntry[] = [
  {
    ...ENTRY,
    name: 'bundled',
    note: 'The demo that comes with FloCap: it knows drawn scenes and nothing else.',
    licence: null,
    demo: true,
    parameters: null,
    download_bytes: null,
    installed_bytes: 0,
    serving: true,
  },
  { ...ENTRY, name: 'large', installed_bytes: 1_546_000_000, parameters: 770_000_000 },
  ENTRY,
]

export interface FakeModels extends ManagedModels {
  /** Each call, such as `pull base`. */
  readonly calls: readonly string[]
  /** Changes what is told. */
  tell(state: Partial<ManagedState>): void
}

export function createFakeModels(): FakeModels {
  const calls: string[] = []
  let state: ManagedState = {
    serving: { name: 'bundled', reason: 'none installed' },
    models: [...FAKE_MODELS],
    pull: null,
    switch: null,
  }
  const assertKnown = (name: string): void => {
    if (state.models.some((each) => each.name === name)) return
    throw new FlocapError('model_not_found', `There is no model "${name}" in the list.`)
  }
  return {
    calls,
    tell(changed) {
      state = { ...state, ...changed }
    },
    state: async () => state,
    serving: () => state.serving,
    async pull(name) {
      assertKnown(name)
      calls.push(`pull ${name}`)
    },
    cancelPull() {
      calls.push('cancel')
    },
    async switchTo(name) {
      assertKnown(name)
      calls.push(`switch ${name}`)
    },
  }
}
