// Kubernetes' manifests of deploy/, read and held against the schemas of Kubernetes and KEDA.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as keda from '@kubernetes-models/keda/keda.sh/v1alpha1'
import * as apps from 'kubernetes-models/apps/v1'
import * as networking from 'kubernetes-models/networking.k8s.io/v1'
import * as policy from 'kubernetes-models/policy/v1'
import * as core from 'kubernetes-models/v1'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'

const DEPLOY = fileURLToPath(new URL('../../deploy/', import.meta.url))

export const readDeploy = (file: string): string => readFileSync(join(DEPLOY, file), 'utf8')

export const isInDeploy = (path: string): boolean => existsSync(join(DEPLOY, path))

/** Paths within deploy/, sorted. */
export function manifestsIn(folder: string): readonly string[] {
  const files = readdirSync(join(DEPLOY, folder)).filter((name) => name !== 'kustomization.yaml')
  return files.toSorted().map((name) => `${folder}/${name}`)
}

type Model = new (data: never) => { validate(): void }

/** What has the schema of a document. */
const KINDS: Readonly<Record<string, Model>> = {
  'apps/v1 Deployment': apps.Deployment,
  'v1 PersistentVolumeClaim': core.PersistentVolumeClaim,
  'v1 Service': core.Service,
  'policy/v1 PodDisruptionBudget': policy.PodDisruptionBudget,
  'networking.k8s.io/v1 NetworkPolicy': networking.NetworkPolicy,
  'keda.sh/v1alpha1 ScaledObject': keda.ScaledObject,
}

/** @throws Error that says what does not fit, or that there is no schema. */
export function validateManifest(document: Manifest): void {
  const Kind = KINDS[`${document.apiVersion} ${document.kind}`]
  if (Kind === undefined) throw new Error(`no schema for ${document.apiVersion} ${document.kind}`)
  const model: { validate(): void } = Reflect.construct(Kind, [document])
  model.validate()
}

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string() }),
})
export type Manifest = z.infer<typeof manifest>

export function documentsOf(file: string): readonly Manifest[] {
  return parseAllDocuments(readDeploy(file), { merge: true }).map((document) => {
    if (document.errors.length > 0) throw new Error(`${file}: ${document.errors.join('; ')}`)
    return manifest.parse(document.toJS())
  })
}
