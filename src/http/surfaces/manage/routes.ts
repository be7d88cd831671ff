// Models of a running server, for its page and for scripts: list, pull, switch.
import { FlocapError } from '../../../base/errors.ts'
import { jsonResponse, parseFields } from '../../body/json.ts'
import type { ManagedModels } from '../../managed-models.ts'
import type { HttpContext, Surface, SurfaceServices } from '../../surface.ts'
import { renderError } from '../native/errors.ts'
import { ErrorResponse } from '../native/schema.ts'
import { assertMayManage, whyForbidden } from './permission.ts'
import * as schema from './schema.ts'

const PREFIX = '/api/v1/manage'

/** What was asked for has begun; GET tells how it goes. */
const ACCEPTED = 202

export function createManageSurface(services: SurfaceServices, models: ManagedModels): Surface {
  const { settings, isEnding = () => false } = services

  async function render(context: HttpContext): Promise<schema.ModelsResponse> {
    const reason = whyForbidden(context, settings)
    const management = { allowed: reason === undefined, reason: reason ?? null }
    if (reason === undefined) return { ...(await models.state()), management }
    return { serving: models.serving(), management, models: [], pull: null, switch: null }
  }

  async function change(
    context: HttpContext,
    work: (name: string) => Promise<void>,
  ): Promise<Response> {
    assertMayManage(context, settings)
    const { model } = parseFields(schema.ModelRequest, await context.get('readJson')())
    if (isEnding()) throw new FlocapError('closed', 'The server is about to end.')
    await work(model)
    return jsonResponse(await render(context), ACCEPTED)
  }

  return {
    name: 'manage',
    description: 'Models of the running server: which there are, downloads, another one to serve.',
    owns: (path) => path === PREFIX || path.startsWith(`${PREFIX}/`),
    renderError,
    errorBody: ErrorResponse,
    routes: [
      {
        method: 'GET',
        path: `${PREFIX}/models`,
        summary: 'Lists models, the download in progress and which model is served',
        handle: async (context) => jsonResponse(await render(context)),
        wire: { response: schema.ModelsResponse },
      },
      {
        method: 'POST',
        path: `${PREFIX}/pull`,
        summary: 'Begins to download a model',
        handle: async (context) => change(context, async (name) => models.pull(name)),
        wire: { request: schema.ModelRequest, response: schema.ModelsResponse },
      },
      {
        method: 'DELETE',
        path: `${PREFIX}/pull`,
        summary: 'Ends the download in progress; a later one goes on from there',
        handle: async (context) => {
          assertMayManage(context, settings)
          models.cancelPull()
          return jsonResponse(await render(context))
        },
        wire: { response: schema.ModelsResponse },
      },
      {
        method: 'POST',
        path: `${PREFIX}/switch`,
        summary: 'Begins to serve another model, which requests wait for',
        handle: async (context) => change(context, async (name) => models.switchTo(name)),
        wire: { request: schema.ModelRequest, response: schema.ModelsResponse },
      },
    ],
  }
}
