// The adapter that a start with these settings would use, and which model it brings.
import { toFlocapError } from '../../base/errors.ts'
import { formatBytes } from '../../base/format-bytes.ts'
import { AUTO_MODEL, type Settings } from '../../config/settings.ts'
import type { ModelStore } from '../../store/store.ts'
import { chooseAdapter } from '../adapter.ts'
import { chooseBase } from '../adapter-base.ts'
import type { Finding } from './finding.ts'

export interface InspectedAdapter {
  /** None where no adapter is asked for. */
  readonly findings: readonly Finding[]
  /** The model that goes with it, as `--model` takes it. */
  readonly model: string
}

export async function inspectAdapter(
  store: ModelStore,
  { adapter: text, model }: Pick<Settings, 'adapter' | 'model'>,
): Promise<InspectedAdapter> {
  const name = 'adapter'
  try {
    const choice = await chooseAdapter(store, text)
    if (choice === undefined) return { findings: [], model }
    if (choice.kind === 'wanted') {
      const detail = `${text} is not here; the next start fetches it`
      const cure = `'flocap pull ${text}' fetches it now.`
      return { findings: [{ name, status: 'warning', detail, cure }], model }
    }
    const { adapter } = choice
    const base = model === AUTO_MODEL ? await chooseBase(store, adapter, text) : model
    const detail = `${text} (${formatBytes(adapter.sizeBytes)}), merged into ${base}`
    return { findings: [{ name, status: 'ok', detail }], model: base }
  } catch (error) {
    const { message, hint } = toFlocapError(error)
    const cure = hint ?? 'Name another with --adapter.'
    return { findings: [{ name, status: 'problem', detail: message, cure }], model }
  }
}
