// Answers that are known already, drawn on their picture, for programs that keep or edit them first; and
// the picture alone, for those that cannot show its format.
import { FlocapError } from '../../../base/errors.ts'
import { assertDrawable, type Drawing, drawFindings } from '../../../caption/draw-findings.ts'
import { parseFields } from '../../body/json.ts'
import type { HttpContext, SurfaceServices } from '../../surface.ts'
import { drawnResponse, noPng } from './overlay.ts'
import { DrawRequest } from './schema.ts'
import { toView } from './view.ts'

/** @throws FlocapError `invalid_request` for answers without places or about another size. */
export async function draw(context: HttpContext, { drawing }: SurfaceServices): Promise<Response> {
  const fields = parseFields(DrawRequest, await context.get('readJson')())
  const { format = 'png' } = fields
  const drawOn = drawingOf(fields)
  if (drawing === undefined) throw noPng('format')
  const { image } = fields
  const [source, field] = typeof image === 'string' ? [image, 'image'] : [image.data, 'image.data']
  const picture = await context.get('readImage')(source, field)
  return drawnResponse(format, await drawOn(picture, drawing))
}

type DrawOn = (picture: Uint8Array, drawing: Drawing) => Promise<Uint8Array>

/** What is drawn, once it is known that it can be: before the picture is read. */
function drawingOf({ answers, width, height, format = 'png', ...fields }: DrawRequest): DrawOn {
  const view = toView(fields)
  if (answers === undefined) {
    if (format === 'svg') {
      throw new FlocapError(
        'invalid_request',
        'Expected png or preview for format where there are no answers, got svg.',
        { hint: 'Add the answers that are to be drawn, or choose preview.', subject: 'format' },
      )
    }
    return async (picture, drawing) => drawing[format](picture, '', view)
  }
  if (width === undefined || height === undefined) {
    throw new FlocapError(
      'invalid_request',
      'Expected width and height of the picture that the answers are about.',
      {
        hint: 'They stand beside the answers of /api/v1/caption.',
        subject: width === undefined ? 'width' : 'height',
      },
    )
  }
  const data = answers.map((answer) => answer.data)
  assertDrawable(data)
  return async (picture, drawing) =>
    drawFindings(format, picture, { data, size: { width, height } }, drawing, view)
}
