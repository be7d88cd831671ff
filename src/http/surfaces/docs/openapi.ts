// The OpenAPI 3.1 document of all surfaces, made from the schemas that requests are parsed with.
import { z } from 'zod'
import type { Route, RouteWire, Surface } from '../../surface.ts'

type Json = Record<string, unknown>

export interface OpenApiOptions {
  readonly version: string
  /** Whether requests need a key. */
  readonly keys: boolean
}

const JSON_TYPE = 'application/json'

export function renderOpenApi(surfaces: readonly Surface[], options: OpenApiOptions): Json {
  const paths: Record<string, Json> = {}
  for (const surface of surfaces) {
    for (const route of surface.routes) {
      const path = documentedPath(surface, route)
      paths[path] = {
        ...paths[path],
        [route.method.toLowerCase()]: renderOperation(surface, route),
      }
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'FloCap',
      version: options.version,
      description:
        'Describes pictures with Florence-2, in the dialects that clients already speak.',
    },
    servers: [{ url: '/' }],
    tags: surfaces.map(({ name, description }) => ({ name, description })),
    paths,
    components: {
      schemas: Object.fromEntries(
        surfaces.map(({ name, errorBody }) => [errorName(name), toSchema(errorBody, 'output')]),
      ),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
    security: options.keys ? [{ bearer: [] }, { key: [] }] : [],
  }
}

/** As clients write it: with the prefix, and `{id}` for a parameter. */
export function documentedPath(surface: Surface, route: Route): string {
  return `${surface.prefix ?? ''}${route.path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, '{$1}')}`
}

function renderOperation(surface: Surface, route: Route): Json {
  const { wire = {} } = route
  const parameters = [...documentedPath(surface, route).matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  return {
    tags: [surface.name],
    summary: route.summary,
    operationId: operationId(surface, route),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.open ? { security: [] } : {}),
    ...(wire.request === undefined ? {} : { requestBody: renderRequest(wire, wire.request) }),
    responses: {
      200: renderSuccess(wire),
      default: {
        description: 'An error.',
        content: {
          [JSON_TYPE]: { schema: { $ref: `#/components/schemas/${errorName(surface.name)}` } },
        },
      },
    },
  }
}

function renderRequest(wire: RouteWire, request: z.ZodType): Json {
  const others = (wire.requestTypes ?? []).map((type) => [type, {}])
  return {
    required: true,
    content: { [JSON_TYPE]: { schema: toSchema(request, 'input') }, ...Object.fromEntries(others) },
  }
}

function renderSuccess({ response, stream }: RouteWire): Json {
  return {
    description: 'OK',
    ...(response === undefined
      ? {}
      : {
          content: {
            [JSON_TYPE]: { schema: toSchema(response, 'output') },
            ...(stream === undefined
              ? {}
              : { [stream.type]: { schema: toSchema(stream.event, 'output') } }),
          },
        }),
  }
}

function toSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io })
  return rest
}

function errorName(surface: string): string {
  return `${surface}_error`
}

function operationId(surface: Surface, route: Route): string {
  const words = route.path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  return [surface.name, route.method.toLowerCase(), ...words].join('_')
}
