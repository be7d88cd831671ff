// The API described: for programs as OpenAPI, for people as a page.
import { jsonResponse } from '../../body/json.ts'
import type { Surface, SurfaceServices } from '../../surface.ts'
import { renderError } from '../openai/errors.ts'
import { ErrorResponse } from '../openai/schema.ts'
import { renderOpenApi } from './openapi.ts'
import { PAGE_POLICY, renderDocsPage } from './page.ts'

const PATHS = ['/openapi.json', '/docs']

/** @param described every surface to be described, this one left out. */
export function createDocsSurface(
  described: readonly Surface[],
  { settings, version }: SurfaceServices,
): Surface {
  const keys = settings.apiKeys.length > 0
  return {
    name: 'docs',
    description: 'The description of this API.',
    owns: (path) => PATHS.includes(path),
    renderError,
    errorBody: ErrorResponse,
    routes: [
      {
        method: 'GET',
        path: '/openapi.json',
        summary: 'The API as an OpenAPI 3.1 document',
        handle: () => jsonResponse(renderOpenApi(described, { version: version ?? '0', keys })),
      },
      {
        method: 'GET',
        path: '/docs',
        summary: 'The API as a page for people',
        handle: () =>
          new Response(renderDocsPage(described), {
            headers: {
              'content-type': 'text/html; charset=utf-8',
              'content-security-policy': PAGE_POLICY,
            },
          }),
      },
    ],
  }
}
