// extract: an answer of the agent's own form, filled with what was found.
import { z } from 'zod'
import { createStructuredRequest } from '../../structured/structured-request.ts'
import { Base, Image } from '../fields.ts'
import { baseOf } from '../results.ts'
import { defineTool } from '../tool.ts'

export const extract = defineTool({
  name: 'extract',
  title: 'Fill a JSON schema from a picture',
  description:
    'Fills a JSON schema with what one picture shows. Names of properties say what is asked: caption, description, tags, objects with box, text, ocr, title, counts, yes or no. What a picture does not tell stays empty and is listed in unanswered.',
  input: z.strictObject({
    image: Image,
    schema: z
      .record(z.string(), z.unknown())
      .describe('A JSON schema of type object, with properties.'),
  }),
  output: z.object({
    answer: z.unknown().describe('Fits the schema.'),
    unanswered: z.array(z.string()).describe('Properties that the picture does not tell.'),
    ...Base,
  }),
  async run({ image, schema }, call) {
    const structured = createStructuredRequest(schema, 'schema')
    const picture = await call.readPicture(image, 'image')
    const tasks = structured.tasks({ task: 'more_detailed_caption' }, await call.modelId())
    const results = await call.ask(picture, tasks)
    const { json, unanswered } = structured.answer(tasks, [{ labels: [], results }], 0)
    return {
      text: json,
      structured: {
        answer: JSON.parse(json) as unknown,
        unanswered: [...unanswered],
        ...baseOf(results),
      },
    }
  },
})
