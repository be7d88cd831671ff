// The manifests of a queue: a server, workers, what scales them. As far as can be checked without a cluster.
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { resolveSettings, SETTINGS } from '../../src/config/settings.ts'
import {
  documentsOf,
  type Manifest,
  manifestsIn,
  readDeploy,
  validateManifest,
} from '../support/manifests.ts'

const FOLDER = 'kubernetes-queue'
const MANIFESTS = manifestsIn(FOLDER)
const DOCUMENTS = MANIFESTS.flatMap(documentsOf)

const labels = z.record(z.string(), z.string())
const variable = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }) }).optional(),
})
const deploymentSchema = z.object({
  spec: z.object({
    replicas: z.number().optional(),
    selector: z.object({ matchLabels: labels }),
    template: z.object({
      metadata: z.object({ labels }),
      spec: z.object({
        containers: z.tuple([
          z.looseObject({
            args: z.array(z.string()).optional(),
            env: z.array(variable),
            volumeMounts: z.array(z.object({ name: z.string() })),
          }),
        ]),
        volumes: z.array(z.object({ name: z.string() })),
      }),
    }),
  }),
})

function find(kind: string, name: string): Manifest {
  const found = DOCUMENTS.find((each) => each.kind === kind && each.metadata.name === name)
  if (found === undefined) throw new Error(`no ${kind} ${name} in deploy/${FOLDER}`)
  return found
}

const front = deploymentSchema.parse(find('Deployment', 'flocap-front'))
const worker = deploymentSchema.parse(find('Deployment', 'flocap-worker'))

describe('manifests of a queue', () => {
  it.each(DOCUMENTS.map((each) => [each.kind, each.metadata.name, each] as const))(
    '%s %s fits its schema',
    (_kind, _name, document) => {
      expect(() => validateManifest(document)).not.toThrow()
    },
  )

  it('are all applied, but the one that needs KEDA', () => {
    const { resources } = z
      .object({ resources: z.array(z.string()) })
      .parse(parse(readDeploy(`${FOLDER}/kustomization.yaml`)))
    const files = resources.map((file) => `${FOLDER}/${file}`).toSorted()
    expect(files).toEqual(MANIFESTS.filter((file) => !file.includes('autoscaling')))
  })

  it('select pods that there are, and mount volumes that there are', () => {
    const pods = [front, worker].map(({ spec }) => spec.template.metadata.labels)
    for (const { spec } of [front, worker]) {
      expect(spec.template.metadata.labels).toEqual(spec.selector.matchLabels)
      const [{ volumeMounts }] = spec.template.spec.containers
      const volumes = spec.template.spec.volumes.map(({ name }) => name)
      expect(volumes.toSorted()).toEqual(volumeMounts.map(({ name }) => name).toSorted())
    }
    const matching = z.object({ matchLabels: labels })
    const spec = z.object({
      spec: z.object({
        selector: z.union([matching, labels]).optional(),
        podSelector: matching.optional(),
      }),
    })
    const selecting = DOCUMENTS.filter(({ kind }) => /Service|Budget|NetworkPolicy/.test(kind))
    expect(selecting).toHaveLength(4)
    for (const each of selecting) {
      const { selector, podSelector } = spec.parse(each).spec
      const selected = podSelector?.matchLabels ?? selector
      const plain = matching.safeParse(selected).data?.matchLabels ?? selected
      expect(pods).toContainEqual(plain)
    }
  })

  it('have one server, and no number of workers that an update would set back', () => {
    expect(front.spec.replicas).toBe(1)
    expect(worker.spec.replicas).toBeUndefined()
  })

  it('give both the address of the broker from a secret, and settings that there are', () => {
    const known = new Set(Object.values(SETTINGS).map(({ environment }) => environment))
    for (const { spec } of [front, worker]) {
      const [{ env }] = spec.template.spec.containers
      const queue = env.find(({ name }) => name === 'FLOCAP_QUEUE')
      expect(queue?.valueFrom?.secretKeyRef).toEqual({ name: 'flocap-queue', key: 'url' })
      for (const { name } of env) expect(known).toContain(name)
      const values = env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))
      expect(() => resolveSettings({}, Object.fromEntries(values))).not.toThrow()
    }
  })

  it('start workers as workers, and scale them by the number that the server computes', () => {
    expect(worker.spec.template.spec.containers[0].args).toEqual(['worker'])
    const { scaleTargetRef, triggers } = z
      .object({
        spec: z.object({
          scaleTargetRef: z.object({ name: z.string() }),
          triggers: z.tuple([z.object({ metadata: z.object({ query: z.string() }) })]),
        }),
      })
      .parse(find('ScaledObject', 'flocap-worker')).spec
    expect(scaleTargetRef.name).toBe('flocap-worker')
    expect(triggers[0].metadata.query).toContain('flocap_queue_desired_workers')
  })
})
