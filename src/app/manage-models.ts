// Getting, checking and removing models, as the commands of the same names do.
import { FlocapError } from '../base/errors.ts'
import { DEVICES } from '../base/devices.ts'
import { formFor, nameForm } from '../compiler/precision.ts'
import { PRECISIONS, type Settings } from '../config/settings.ts'
import { plainVariant, type Pruned, pruneCompiled } from '../store/compiled.ts'
import { type InstalledModel, inspectFolder } from '../store/inspect.ts'
import { type InstallOptions, installModel } from '../store/install.ts'
import {
  findInstalled,
  removeModel,
  type RemovedModel,
  type Verification,
  type VerifyOptions,
  verifyModel,
} from '../store/models.ts'
import { checkCompiled, type CheckedForm } from './check-compiled.ts'
import { createLogger } from './log.ts'
import { parseName } from './model-names.ts'
import { BUNDLED_SOURCE } from './model-source.ts'
import { openStore, toHomeError } from './open-store.ts'

/**
 * The model by its name, fetched if it is not here.
 *
 * @throws FlocapError as `installModel`; `invalid_setting` for the bundled model, which is there.
 */
export async function pullModel(
  settings: Settings,
  text: string,
  options: InstallOptions = {},
): Promise<InstalledModel> {
  const name = parseName(text)
  if (name.kind === 'bundled') throw bundledError('fetched')
  const store = openQuietStore(settings)
  try {
    return await installModel(store, name, options)
  } catch (error) {
    throw toHomeError(error, store.layout.root)
  }
}

export interface InstalledVerification extends Verification {
  /** What was compiled of it on this machine. */
  readonly compiled: readonly CheckedForm[]
}

/** @throws FlocapError `model_not_found` when the model is not here. */
export async function verifyInstalled(
  settings: Settings,
  text: string,
  options: VerifyOptions = {},
): Promise<InstalledVerification> {
  const store = openQuietStore(settings)
  const name = parseName(text)
  const model = await requireModel(settings, text)
  const checkpoint = await verifyModel(store, model, options)
  // The bundled model has a name of its own, by which its compiled forms are found.
  const source = name.kind === 'bundled' ? BUNDLED_SOURCE : model
  return { ...checkpoint, compiled: await checkCompiled(store, source) }
}

/** @throws FlocapError `model_not_found` when it is not here, `invalid_setting` when it is not ours. */
export async function removeInstalled(settings: Settings, text: string): Promise<RemovedModel> {
  const name = parseName(text)
  if (name.kind === 'bundled') throw bundledError('removed')
  if (name.kind === 'folder') {
    throw new FlocapError('invalid_setting', 'A folder of your own is not removed by FloCap.', {
      subject: text,
      hint: "Remove it yourself, then 'flocap models prune' removes what was compiled of it.",
    })
  }
  return removeModel(openQuietStore(settings), name)
}

/** Removes compiled forms of models that are gone and of precisions that are no more. */
export async function pruneModels(settings: Settings): Promise<readonly Pruned[]> {
  const forms: ReadonlySet<string> = new Set(
    DEVICES.flatMap((device) => PRECISIONS.map((each) => nameForm(formFor(device, each)))),
  )
  return pruneCompiled(openQuietStore(settings), {
    isCurrent: (variant) => forms.has(plainVariant(variant)),
  })
}

async function requireModel(settings: Settings, text: string): Promise<InstalledModel> {
  const name = parseName(text)
  if (name.kind === 'bundled') {
    const inspection = await inspectFolder(BUNDLED_SOURCE.folder)
    if (inspection.state === 'complete') return inspection.model
    throw new FlocapError('invalid_model', 'The bundled model is not complete.', {
      hint: 'Install FloCap again.',
    })
  }
  const model = await findInstalled(openQuietStore(settings), name)
  if (model) return model
  throw new FlocapError('model_not_found', `The model ${text} is not on this machine.`, {
    subject: text,
    hint: `'flocap models' shows what is here; 'flocap pull ${text}' fetches it.`,
  })
}

function openQuietStore(settings: Settings): ReturnType<typeof openStore> {
  return openStore(settings, createLogger({ level: settings.debug ? 'debug' : 'warn' }))
}

function bundledError(what: string): FlocapError {
  return new FlocapError(
    'invalid_setting',
    `The bundled model comes with FloCap; it is not ${what}.`,
    {
      subject: 'bundled',
      hint: "Name another model: 'flocap pull base' fetches one for photographs.",
    },
  )
}
