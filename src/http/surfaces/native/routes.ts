// FloCap's own API: everything that it can do, for programs, scripts and its own page.
import { jsonResponse } from '../../body/json.ts'
import type { Surface, SurfaceServices } from '../../surface.ts'
import { caption } from './caption.ts'
import { draw } from './draw.ts'
import { renderError } from './errors.ts'
import { renderStatus, renderTasks } from './render.ts'
import * as schema from './schema.ts'

const PREFIX = '/api/v1'

export function createNativeSurface(services: SurfaceServices): Surface {
  return {
    name: 'native',
    description: "FloCap's own API: several pictures and tasks, structured answers, drawings.",
    owns: (path) => path === PREFIX || path.startsWith(`${PREFIX}/`),
    renderError,
    errorBody: schema.ErrorResponse,
    routes: [
      {
        method: 'POST',
        path: `${PREFIX}/caption`,
        summary: 'Answers tasks about pictures; fields may stand in the query too',
        handle: (context) => caption(context, services),
        wire: {
          request: schema.NativeRequest,
          requestTypes: ['multipart/form-data', 'application/octet-stream', 'image/*'],
          response: schema.NativeResponse,
          stream: { type: 'text/event-stream', event: schema.NativeEvent },
        },
      },
      {
        method: 'POST',
        path: `${PREFIX}/draw`,
        summary: 'Draws answers on their picture: a PNG, SVG or JPEG file',
        handle: (context) => draw(context, services),
        wire: { request: schema.DrawRequest },
      },
      {
        method: 'GET',
        path: `${PREFIX}/tasks`,
        summary: 'Lists all tasks and what each takes and gives',
        handle: () => jsonResponse(renderTasks(services.settings.defaultTask)),
        wire: { response: schema.TasksResponse },
      },
      {
        method: 'GET',
        path: `${PREFIX}/status`,
        summary: 'Tells which model is served, whether it is ready, and the limits',
        handle: () => jsonResponse(renderStatus(services)),
        wire: { response: schema.StatusResponse },
      },
    ],
  }
}
