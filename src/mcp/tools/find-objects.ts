// find_objects: things and where they are, all of them or those that a phrase names.
import { z } from 'zod'
import type { TaskRequest } from '../../caption/captioner.ts'
import type { TaskData } from '../../caption/task-data.ts'
import { Annotate, Base, Box, Image, MAX_QUERY_CHARACTERS, Score } from '../fields.ts'
import { at, baseOf, type Found, foundIn, sayFound } from '../results.ts'
import { defineTool, type ToolCall } from '../tool.ts'

/** As many questions as the captioner takes about one picture at once. */
const OUTLINES_AT_ONCE = 32

const Finding = z.object({
  label: z.string(),
  box: Box,
  polygons: z
    .array(z.array(z.number()))
    .optional()
    .describe('Outlines, each x and y in turn, in pixels.'),
  score: Score,
})

export const findObjects = defineTool({
  name: 'find_objects',
  title: 'Find things on a picture',
  description: `Finds things on one picture and gives their boxes in pixels. Without query: everything the model knows by name. With query (at most ${MAX_QUERY_CHARACTERS} characters): what the phrase names, such as "the red mug". outlines adds polygons and takes about as long again for each thing.`,
  input: z.strictObject({
    image: Image,
    query: z.string().min(1).max(MAX_QUERY_CHARACTERS).optional().describe('What to look for.'),
    outlines: z.boolean().default(false).describe('Also give the outline of each thing.'),
    annotate: Annotate,
  }),
  output: z.object({ findings: z.array(Finding), ...Base }),
  async run({ image, query, outlines, annotate }, call) {
    const picture = await call.readPicture(image, 'image')
    const results = await call.ask(picture, tasksFor(query))
    // Open vocabulary is the more exact of the two; phrases that it does not know, grounding may.
    const found = results.find(({ data }) => foundIn(data).length > 0) ?? at(results, 0)
    const things = foundIn(found.data)
    const findings = outlines ? await outline(picture, things, call) : [...things]
    const drawn = outlines ? shapesOf(findings) : found.data
    return {
      text: findings.length === 0 ? 'No objects found.' : findings.map(sayFound).join('\n'),
      structured: { findings, ...baseOf([found]) },
      preview: annotate ? await call.draw(picture, [drawn], found.picture) : undefined,
    }
  },
})

function tasksFor(query: string | undefined): readonly TaskRequest[] {
  if (query === undefined) return [{ task: 'od' }]
  return [
    { task: 'open_vocabulary_detection', input: query },
    { task: 'caption_to_phrase_grounding', input: query },
  ]
}

/** Each finding with its outline, where the model draws one. */
async function outline(
  picture: Uint8Array,
  found: readonly Found[],
  call: ToolCall,
): Promise<Found[]> {
  const outlined: Found[] = []
  for (let start = 0; start < found.length; start += OUTLINES_AT_ONCE) {
    const some = found.slice(start, start + OUTLINES_AT_ONCE)
    const results = await call.ask(
      picture,
      some.map(({ box: [x1 = 0, y1 = 0, x2 = 0, y2 = 0] }) => ({
        task: 'region_to_segmentation' as const,
        region: { unit: 'pixel' as const, box: [x1, y1, x2, y2] as const },
      })),
      `Outlines of ${found.length} things`,
    )
    for (const [index, finding] of some.entries()) {
      const polygons = foundIn(at(results, index).data).flatMap((each) => each.polygons ?? [])
      outlined.push(polygons.length === 0 ? finding : { ...finding, polygons })
    }
  }
  return outlined
}

/** What is drawn of findings: their outlines, and the box of each that has none. */
function shapesOf(findings: readonly Found[]): TaskData {
  return {
    kind: 'boxes_or_polygons',
    boxes: findings.flatMap(({ label, box: [x1 = 0, y1 = 0, x2 = 0, y2 = 0], polygons }) =>
      polygons === undefined ? [{ label, box: [x1, y1, x2, y2] as const }] : [],
    ),
    polygons: findings.flatMap(({ label, polygons }) =>
      polygons === undefined ? [] : [{ label, outlines: polygons }],
    ),
  }
}
