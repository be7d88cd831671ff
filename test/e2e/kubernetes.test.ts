// The manifests of deploy/kubernetes and the compose file of several servers, as far as can be checked without a
// cluster: against Kubernetes' and KEDA's schemas, against each other, and against FloCap's settings.
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { DEFAULT_ADMISSION } from '../../src/caption/admission.ts'
import { resolveSettings, SETTINGS } from '../../src/config/settings.ts'
import { DEFAULT_HTTP_SETTINGS } from '../../src/http/settings.ts'
import {
  documentsOf,
  isInDeploy,
  type Manifest,
  manifestsIn,
  readDeploy,
  validateManifest,
} from '../support/manifests.ts'

const MANIFESTS = manifestsIn('kubernetes')
const DOCUMENTS = MANIFESTS.flatMap(documentsOf)
const labels = z.record(z.string(), z.string())
const variable = z.object({ name: z.string(), value: z.string().optional() })
const port = z.object({ name: z.string(), containerPort: z.number() })
const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) })
const deploymentSchema = z.object({
  spec: z.object({
    selector: z.object({ matchLabels: labels }),
    template: z.object({
      metadata: z.object({ labels }),
      spec: z.object({
        terminationGracePeriodSeconds: z.number(),
        containers: z.tuple([
          z.object({
            image: z.string(),
            env: z.array(variable),
            ports: z.array(port),
            livenessProbe: probe,
            readinessProbe: probe,
          }),
        ]),
      }),
    }),
  }),
})
const selectingSchema = z.object({ spec: z.object({ selector: labels }) })
const portsSchema = z.object({
  spec: z.object({ ports: z.array(z.object({ targetPort: z.string() })) }),
})
const podsSchema = z.object({
  spec: z.union([
    z.object({ selector: z.object({ matchLabels: labels }) }).transform(({ selector }) => selector),
    z
      .object({ podSelector: z.object({ matchLabels: labels }) })
      .transform(({ podSelector }) => podSelector),
  ]),
})

function find(kind: string, name: string): Manifest {
  const found = DOCUMENTS.find((each) => each.kind === kind && each.metadata.name === name)
  if (found === undefined) throw new Error(`no ${kind} ${name} in deploy/kubernetes`)
  return found
}

const server = deploymentSchema.parse(find('Deployment', 'flocap'))
const balancer = deploymentSchema.parse(find('Deployment', 'flocap-balancer'))
const [serving] = server.spec.template.spec.containers
const [balancing] = balancer.spec.template.spec.containers
const haproxy = readDeploy('haproxy.cfg')
const numberIn = (pattern: RegExp): number => Number(pattern.exec(haproxy)?.[1])

describe('manifests', () => {
  it.each(DOCUMENTS.map((each) => [each.kind, each.metadata.name, each] as const))(
    '%s %s fits its schema',
    (_kind, _name, document) => {
      expect(() => validateManifest(document)).not.toThrow()
    },
  )

  it('schemas refuse what does not fit', () => {
    const broken = structuredClone(find('Deployment', 'flocap'))
    broken['spec'] = { replicas: 'three' }
    expect(() => validateManifest(broken)).toThrow(/spec/)
  })

  it('are all applied, but the one that needs KEDA', () => {
    const { resources } = z
      .object({ resources: z.array(z.string()) })
      .parse(parse(readDeploy('kustomization.yaml')))
    expect(resources.toSorted()).toEqual(MANIFESTS.filter((file) => !file.includes('autoscaling')))
  })

  it('select pods that there are', () => {
    const pods = [server, balancer].map(({ spec }) => spec.template.metadata.labels)
    for (const { spec } of [server, balancer]) {
      expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels)
    }
    for (const each of DOCUMENTS.filter(({ kind }) => kind === 'Service')) {
      expect(pods).toContainEqual(selectingSchema.parse(each).spec.selector)
      const ports = [...serving.ports, ...balancing.ports].map(({ name }) => name)
      for (const { targetPort } of portsSchema.parse(each).spec.ports)
        expect(ports).toContain(targetPort)
    }
    const others = DOCUMENTS.filter(({ kind }) => /Budget|NetworkPolicy/.test(kind))
    expect(others).toHaveLength(4)
    for (const each of others) expect(pods).toContainEqual(podsSchema.parse(each).spec.matchLabels)
  })

  it('ask servers whether they live at /livez, and whether they are ready at /ready', () => {
    expect(serving.livenessProbe.httpGet.path).toBe('/livez')
    expect(serving.readinessProbe.httpGet.path).toBe('/ready')
  })

  it('give HAProxy the addresses of servers by the whole name of the Service without one of its own', () => {
    find('Service', 'flocap-servers')
    expect(balancing.env).toContainEqual({
      name: 'FLOCAP_SERVERS',
      value: 'flocap-servers.flocap.svc.cluster.local:5000',
    })
  })

  it('start no more servers than HAProxy has room for', () => {
    const { spec } = z
      .object({ spec: z.object({ maxReplicaCount: z.number() }) })
      .parse(find('ScaledObject', 'flocap'))
    expect(spec.maxReplicaCount).toBe(numberIn(/server-template flocap (\d+)/))
  })
})

const composeSchema = z.object({
  services: z.object({
    flocap: z.object({
      environment: z.record(z.string(), z.union([z.string(), z.number()])),
      stop_grace_period: z.string(),
      volumes: z.array(z.string()),
    }),
    balancer: z.object({ volumes: z.array(z.string()), environment: labels }),
  }),
})
const { services } = composeSchema.parse(parse(readDeploy('compose.replicas.yaml')))

/** Compose fills in a default: `${FLOCAP_MODEL:-auto}`. */
const filledIn = (value: string | number): string =>
  String(value).replace(/^\$\{\w+:-(.*)\}$/, '$1')
const ENVIRONMENTS: Readonly<Record<string, Record<string, string>>> = {
  'compose.replicas.yaml': Object.fromEntries(
    Object.entries(services.flocap.environment).map(([name, value]) => [name, filledIn(value)]),
  ),
  'kubernetes/server.yaml': Object.fromEntries(
    serving.env.map(({ name, value = '' }) => [name, value]),
  ),
}
const VARIABLES = new Set(Object.values(SETTINGS).map(({ environment }) => environment))

describe.each(Object.entries(ENVIRONMENTS))('the servers of %s', (file, environment) => {
  const settings = resolveSettings({}, environment)
  const graceSeconds = file.startsWith('compose')
    ? Number.parseInt(services.flocap.stop_grace_period, 10)
    : server.spec.template.spec.terminationGracePeriodSeconds

  it('have settings that FloCap knows', () => {
    expect(Object.keys(environment).filter((name) => !VARIABLES.has(name))).toEqual([])
  })

  it('share one file of keys, and believe the balancer where requests come from', () => {
    expect(settings.apiKeyFile).not.toBe('')
    expect(settings.trustProxy.length).toBeGreaterThan(0)
  })

  it('drain for longer than HAProxy needs to see it, and are killed after what runs has ended', () => {
    const checks = numberIn(/default-server check inter (\d+)s/) * numberIn(/ fall (\d+) /)
    expect(settings.drain).toBeGreaterThan(checks + 1)
    const needed = settings.drain + DEFAULT_HTTP_SETTINGS.shutdownGraceMs / 1000
    expect(graceSeconds).toBeGreaterThanOrEqual(needed + 10)
  })

  it('get as many pictures at once as they work on', () => {
    expect(numberIn(/maxconn (\d+)$/m)).toBeGreaterThan(0)
    const perServer = numberIn(/server-template flocap .* maxconn (\d+)$/m)
    expect(perServer).toBe(DEFAULT_ADMISSION.places * settings.engines)
  })
})

it('the compose file takes HAProxy its configuration, and the servers one volume', () => {
  const [mounted = ''] = services.balancer.volumes
  expect(isInDeploy(mounted.split(':')[0] ?? '')).toBe(true)
  expect(services.balancer.environment['FLOCAP_SERVERS']).toBe('flocap:5000')
  expect(services.flocap.volumes).toEqual(['models:/models'])
})
