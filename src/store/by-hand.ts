// What to tell somebody who has to place a model's files by hand: which, where, and from where.
import { formatBytes } from '../base/format-bytes.ts'
import { storeError } from './failures.ts'
import { HUB_ENDPOINT } from './hub.ts'
import {
  ADAPTER_CONFIG_FILE,
  ADAPTER_WEIGHTS,
  type ContentsKind,
  OPTIONAL_FILES,
  REQUIRED_FILES,
} from '../weights/model-files.ts'
import { type HubModelName, renderModelName } from './model-name.ts'
import type { Place } from './places.ts'
import type { KnownFile } from './registry.ts'

const ADAPTER_FILES = [ADAPTER_CONFIG_FILE, ADAPTER_WEIGHTS.join(' or ')]

/**
 * The error for a model or adapter that is not here and must not be fetched. Its hint lists every file with
 * what is known of it, the folder, and the page to get them from.
 */
export function toOfflineError(
  name: HubModelName,
  place: Place,
  kind: ContentsKind = 'model',
): Error {
  const { folder, inspection } = place
  const { repository, revision } = name
  const state =
    inspection.state === 'incomplete'
      ? `is not complete on this machine (${inspection.problems.join('; ')})`
      : 'is not on this machine'
  return storeError(
    'absent',
    `The ${kind} ${renderModelName(name)} ${state}, and FloCap is offline.`,
    {
      subject: renderModelName(name),
      hint: [
        `Place these files of ${repository}, revision ${revision}, into ${folder}:`,
        ...(kind === 'model' ? listFiles(name) : ADAPTER_FILES).map((line) => `  ${line}`),
        `They are at ${HUB_ENDPOINT}/${repository}/tree/${revision}. ` +
          `Or copy the folder from a machine that has the ${kind}, or go online once.`,
      ].join('\n'),
    },
  )
}

function listFiles({ known }: HubModelName): readonly string[] {
  const pins = new Map(known?.files.map((file) => [file.path, file]))
  const weights = [...pins.keys()].filter((path) => /\.(?:safetensors|bin)$/.test(path))
  const required = [...REQUIRED_FILES, ...weights].map((path) => renderFile(path, pins.get(path)))
  const optional = OPTIONAL_FILES.filter((path) => pins.has(path)).map((path) =>
    renderFile(path, pins.get(path)),
  )
  return [
    ...required,
    ...(weights.length > 0
      ? []
      : ['model.safetensors (or its shards with their index, or pytorch_model.bin)']),
    ...optional,
    ...(known && known.files.length > 1
      ? []
      : [`and, where the repository has them: ${OPTIONAL_FILES.join(', ')}`]),
  ]
}

/** `model.safetensors, 463 MB, SHA-256 03075d2d…` */
function renderFile(path: string, pin: KnownFile | undefined): string {
  const parts = [path]
  if (pin?.size !== undefined) parts.push(renderSize(pin.size))
  if (pin?.sha256 !== undefined) parts.push(`SHA-256 ${pin.sha256}`)
  if (pin?.sha256StartsWith !== undefined) parts.push(`SHA-256 ${pin.sha256StartsWith}…`)
  return parts.join(', ')
}

/** Rounded for people, exact for whoever compares. */
function renderSize(bytes: number): string {
  return bytes < 1000 ? `${bytes} bytes` : `${formatBytes(bytes)} (${bytes} bytes)`
}
