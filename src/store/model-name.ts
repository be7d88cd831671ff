// What people write to name a model, and what they mean by it.
import { storeError } from './failures.ts'
import { findKnownModel, findKnownRevision, KNOWN_MODELS, type KnownModel } from './registry.ts'

/** A model on the Hub. */
export interface HubModelName {
  readonly kind: 'hub'
  /** `owner/name` */
  readonly repository: string
  /** A commit, branch or tag. */
  readonly revision: string
  /** The registry's entry for exactly this revision. */
  readonly known: KnownModel | undefined
}

export interface FolderModelName {
  readonly kind: 'folder'
  /** As written; relative ones are relative to the working directory. */
  readonly path: string
}

/** The miniature that ships with FloCap; the application knows where it lies. */
interface BundledModelName {
  readonly kind: 'bundled'
}

export type ModelName = HubModelName | FolderModelName | BundledModelName

const BUNDLED_MODEL = 'bundled'
const DEFAULT_REVISION = 'main'

/** The Hub's own rules; two dashes are not allowed there, so that they can separate in folder names. */
const NAME_PART = /^(?!.*(?:--|\.\.))[a-z\d](?:[\w.-]{0,94}[a-z\d_])?$/i
/** Branches may have slashes (`refs/pr/6`); nothing that a path or URL reads in another way. */
const REVISION = /^(?!.*\.\.)[\w](?:[\w./-]{0,98}[\w])?$/
const COMMIT = /^[\da-f]{40}$/
const FOLDER = /^(?:\.{1,2}$|\.{0,2}[/\\]|~|[a-z]:[/\\])|\\/i
const HUB_PAGE = /^https:\/\/(?:huggingface\.co|hf\.co)\//

/**
 * `large` (registry), `owner/name`, `owner/name@revision`, the address of the model's page, a folder
 * (`./x`, `../x`, `/x`, `C:\x`) or `bundled`.
 *
 * @throws FlocapError `model_not_found` that lists the known names.
 */
export function parseModelName(text: string): ModelName {
  const name = text.trim()
  if (name === BUNDLED_MODEL) return { kind: 'bundled' }
  if (FOLDER.test(name)) return { kind: 'folder', path: name }
  const known = findKnownModel(name)
  if (known) return { kind: 'hub', repository: known.repository, revision: known.revision, known }
  const hub = parseRepository(name)
  if (hub) return hub
  throw storeError('absent', `There is no model called '${shorten(name)}'.`, {
    subject: shorten(name),
    hint:
      `Known names: ${[BUNDLED_MODEL, ...KNOWN_MODELS.map((model) => model.name)].join(', ')}. ` +
      'Others: owner/name of a Hub repository, optionally with @revision, or a folder such as ./model.',
  })
}

/** The shortest text that parses to the same model. */
export function renderModelName(name: ModelName): string {
  if (name.kind === 'bundled') return BUNDLED_MODEL
  if (name.kind === 'folder') return name.path
  if (name.known) return name.known.name
  const revision = name.revision === DEFAULT_REVISION ? '' : `@${name.revision}`
  return `${name.repository}${revision}`
}

/** Whether a revision names content, not a place where content may change. */
export function isCommit(revision: string): boolean {
  return COMMIT.test(revision)
}

function parseRepository(name: string): HubModelName | undefined {
  const path = name.replace(HUB_PAGE, '').replace(/\/$/, '')
  const [repository = '', revision = DEFAULT_REVISION, ...rest] = name.startsWith('https:')
    ? path.split('/tree/')
    : path.split('@')
  const [owner = '', model = '', ...more] = repository.split('/')
  const isValid =
    rest.length === 0 &&
    more.length === 0 &&
    NAME_PART.test(owner) &&
    NAME_PART.test(model) &&
    REVISION.test(revision)
  if (!isValid) return undefined
  return { kind: 'hub', repository, revision, known: findKnownRevision(repository, revision) }
}

function shorten(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}…` : name
}
