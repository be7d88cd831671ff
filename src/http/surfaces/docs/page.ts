// The API reference as one page without anything to load: it works offline and behind a strict
// content security policy.
import { z } from 'zod'
import { escapeMarkup } from '../../../base/escape-markup.ts'
import type { Route, Surface } from '../../surface.ts'
import { documentedPath } from './openapi.ts'

/** Nothing may be loaded or run; the style is in the page. */
export const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

// Names without a blank are broken where the window ends: on a phone nothing is wider than it.
const STYLE = `
  :root { color-scheme: light dark; --text: #222; --page: #fff; --code: #f2f2f2; --line: #ccc; --link: #0645ad }
  @media (prefers-color-scheme: dark) {
    :root { --text: #ddd; --page: #161616; --code: #2a2a2a; --line: #444; --link: #8ab4f8 }
  }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: var(--text); background: var(--page); overflow-wrap: anywhere }
  a { color: var(--link) }
  h2 { margin-top: 3rem; border-bottom: 1px solid var(--line) }
  details { margin: .5rem 0 }
  summary { cursor: pointer; padding: .2rem 0 }
  code { background: var(--code); padding: .1em .3em; border-radius: 3px }
  table { border-collapse: collapse; margin: .5rem 0 1rem; width: 100% }
  td, th { text-align: left; vertical-align: top; font-weight: normal; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line) }
  @media (max-width: 30rem) { td, th { display: block; border: 0; padding: 0 } tr { display: block; padding: .3rem 0; border-bottom: 1px solid var(--line) } }
`

export function renderDocsPage(surfaces: readonly Surface[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>FloCap API</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>FloCap API</h1>
<p>All routes of this server. For programs: <a href="/openapi.json">openapi.json</a>.</p>
${surfaces.map((surface) => renderSurface(surface)).join('\n')}
</main>
</body>
</html>
`
}

function renderSurface(surface: Surface): string {
  return `<h2 id="${escapeMarkup(surface.name)}">${escapeMarkup(surface.name)}</h2>
<p>${escapeMarkup(surface.description)}</p>
${surface.routes.map((route) => renderRoute(surface, route)).join('\n')}`
}

function renderRoute(surface: Surface, route: Route): string {
  const { request, response, stream } = route.wire ?? {}
  const key = route.open ? ' Needs no key.' : ''
  const streamed =
    stream === undefined ? '' : `<p>Streams as <code>${escapeMarkup(stream.type)}</code>.</p>`
  return `<details>
<summary><code>${route.method} ${escapeMarkup(documentedPath(surface, route))}</code> ${escapeMarkup(route.summary)}.${key}</summary>
${request === undefined ? '' : `<p>Request</p>\n${renderFields(request, 'input')}`}
${response === undefined ? '' : `<p>Answer</p>\n${renderFields(response, 'output')}`}
${streamed}
</details>`
}

const Described = z.looseObject({
  properties: z
    .record(
      z.string(),
      z.looseObject({ description: z.string().optional(), type: z.unknown().optional() }),
    )
    .optional(),
  required: z.array(z.string()).optional(),
})

function renderFields(schema: z.ZodType, io: 'input' | 'output'): string {
  const { properties = {}, required = [] } = Described.parse(z.toJSONSchema(schema, { io }))
  const rows = Object.entries(properties).map(
    ([name, property]) =>
      `<tr><th scope="row"><code>${escapeMarkup(name)}</code></th><td>${escapeMarkup(typeName(property))}${required.includes(name) ? '' : ', optional'}</td><td>${escapeMarkup(property.description ?? '')}</td></tr>`,
  )
  return rows.length === 0 ? '<p>(no fields)</p>' : `<table>${rows.join('')}</table>`
}

/** `string`, or what the alternatives of a union are. */
function typeName(schema: unknown): string {
  const { data } = Typed.safeParse(schema)
  if (data === undefined) return 'any'
  if (typeof data.type === 'string') return data.type
  if (data.const !== undefined) return JSON.stringify(data.const)
  const names = (data.anyOf ?? data.oneOf ?? []).map((alternative) => typeName(alternative))
  return [...new Set(names)].filter((name) => name !== 'null').join(' or ') || 'any'
}

const Typed = z.looseObject({
  type: z.string().optional(),
  const: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
})
