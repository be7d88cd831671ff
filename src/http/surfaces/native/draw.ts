// Answers that are known already, drawn on their picture: for programs that keep or edit them first.
import { assertDrawable, drawFindings } from '../../../caption/draw-findings.ts'
import { parseFields } from '../../body/json.ts'
import type { HttpContext, SurfaceServices } from '../../surface.ts'
import { drawnResponse, noPng } from './overlay.ts'
import { DrawRequest } from './schema.ts'
import { toView } from './view.ts'

/** @throws FlocapError `invalid_request` for answers without places or about another size. */
export async function draw(context: HttpContext, { drawing }: SurfaceServices): Promise<Response> {
  const fields = parseFields(DrawRequest, await context.get('readJson')())
  const { image, answers, width, height, format = 'png' } = fields
  const data = answers.map((answer) => answer.data)
  assertDrawable(data)
  if (drawing === undefined) throw noPng('format')
  const view = toView(fields)
  const [source, field] = typeof image === 'string' ? [image, 'image'] : [image.data, 'image.data']
  const picture = await context.get('readImage')(source, field)
  const found = { data, size: { width, height } }
  return drawnResponse(format, await drawFindings(format, picture, found, drawing, view))
}
