// The model that a start with these settings would use: is it here, and is it whole?
import { toFlocapError } from '../../base/errors.ts'
import { AUTO_MODEL, type Settings } from '../../config/settings.ts'
import { formatBytes } from '../../base/format-bytes.ts'
import { listModels } from '../../store/models.ts'
import type { ModelStore } from '../../store/store.ts'
import { checkCompiled } from '../check-compiled.ts'
import { verifyInstalled } from '../manage-models.ts'
import { chooseModel } from '../model-source.ts'
import type { Finding } from './finding.ts'

export async function inspectModel(store: ModelStore, settings: Settings): Promise<Finding> {
  const name = 'model'
  try {
    const choice = await chooseModel(store, settings.model)
    if (choice.kind === 'wanted') {
      return {
        name,
        status: 'warning',
        detail: `${choice.id} is not here; the next start fetches it`,
        cure: `'flocap pull ${settings.model}' fetches it now.`,
      }
    }
    const { id, demo } = choice.source
    if (demo) {
      return {
        name,
        status: settings.model === AUTO_MODEL ? 'warning' : 'ok',
        detail: `${id}, a demo that knows drawn scenes and nothing else`,
        cure: "For photographs: 'flocap pull base', then 'flocap --model base'.",
      }
    }
    const { text } = choice
    const { state, problems } = await verifyInstalled(settings, text)
    if (state === 'damaged') {
      return {
        name,
        status: 'problem',
        detail: `${id} is damaged: ${problems.join('; ')}`,
        cure: `'flocap models remove ${text}', then 'flocap pull ${text}'.`,
      }
    }
    const how = state === 'verified' ? 'every hash is right' : 'complete; no hashes are known'
    return { name, status: 'ok', detail: `${id}, ${how}` }
  } catch (error) {
    const { message, hint } = toFlocapError(error)
    return { name, status: 'problem', detail: message, cure: hint ?? 'Name another with --model.' }
  }
}

/** What was compiled of the model, read as a whole. */
export async function inspectCompiled(store: ModelStore, settings: Settings): Promise<Finding> {
  const name = 'compiled'
  const choice = await chooseModel(store, settings.model).catch(() => undefined)
  // That the model is not here, or is none, is told elsewhere.
  if (choice?.kind !== 'here') return { name, status: 'ok', detail: 'nothing yet' }
  const forms = await checkCompiled(store, choice.source)
  const damaged = forms.filter(({ problems }) => problems.length > 0)
  if (damaged.length === 0) {
    const whole = forms.map(({ form }) => `${form} is whole`).join(', ')
    return { name, status: 'ok', detail: whole || 'nothing yet' }
  }
  return {
    name,
    status: 'warning',
    detail: damaged.map(({ form, problems }) => `${form}: ${problems.join(', ')}`).join('; '),
    cure: 'Nothing needs to be done: the next start that wants it compiles it again.',
  }
}

/** Models in the cache, one sentence part each; what is not complete is a warning. */
export async function inspectCache(store: ModelStore): Promise<Finding> {
  const name = 'installed'
  const { models, incomplete } = await listModels(store)
  const listed = models.map(({ id, sizeBytes }) => `${id} (${formatBytes(sizeBytes)})`).join(', ')
  const detail = listed || 'none'
  if (incomplete.length === 0) return { name, status: 'ok', detail }
  const broken = incomplete.map(({ folder, problems }) => `${folder}: ${problems.join(', ')}`)
  return {
    name,
    status: 'warning',
    detail: `${detail}; not complete: ${broken.join('; ')}`,
    cure: 'Pull these models again: what is whole of them is kept.',
  }
}
