// The answer to a chat, in any dialect: with a picture, without one, as text, as JSON or as the
// arguments of a tool, at once or piece by piece.
import { FlocapError } from '../../base/errors.ts'
import { refuseUnanswered, type StructuredAnswer } from '../../structured/structured-request.ts'
import type { HttpSettings } from '../settings.ts'
import type { HttpContext, SurfaceServices } from '../surface.ts'
import type { AnswerFormat } from './answer-format.ts'
import type { DescribeHooks, Description, Question } from './describe.ts'
import { describePictures } from './describe.ts'
import { describeStructured } from './describe-structured.ts'
import { joinAlike } from './frames.ts'
import { listTags, tagsFormat } from './tags.ts'
import type { TextOnly } from './question.ts'

export interface ChatAnswer {
  /** Undefined when the chat had no picture and no model ran. */
  readonly description: Description | undefined
  /** Best first, never empty strings: texts, JSON, or arguments as JSON, by the format. */
  readonly texts: readonly [string, ...string[]]
  /** Of a schema about a text: the properties that nothing is known of. */
  readonly unanswered?: readonly string[]
}

/**
 * @param hooks `onText` receives pieces that make up `texts[0]`.
 * @throws FlocapError `missing_image` for a chat without a picture whose answer has to fit a schema.
 */
export async function answerChat(
  context: HttpContext,
  services: SurfaceServices,
  question: Question | TextOnly,
  format: AnswerFormat,
  hooks: DescribeHooks,
): Promise<ChatAnswer> {
  if ('answer' in question) return answerText(context, services.settings, question, format, hooks)
  const joined = await joinPictures(question, services, hooks.signal)
  const description = await describe(context, services, joined, format, hooks)
  return { description, texts: description.texts }
}

/** Frames of a camera that differ by noise only are described once. */
async function joinPictures(
  question: Question,
  { look }: Pick<SurfaceServices, 'look'>,
  signal: AbortSignal,
): Promise<Question> {
  const { pictures, frames } = question
  if (look === undefined || frames === undefined || pictures.length < 2) return question
  return { ...question, pictures: await joinAlike(frames, look, signal) }
}

async function describe(
  context: HttpContext,
  services: SurfaceServices,
  question: Question,
  format: AnswerFormat,
  hooks: DescribeHooks,
): Promise<Description> {
  if (format.kind !== 'text') return answerStructured(context, services, question, format, hooks)
  if (question.asTags !== true) return describePictures(services.captioner, question, hooks)
  const { signal, onText } = hooks
  const found = await answerStructured(context, services, question, tagsFormat(), { signal })
  const [best, ...others] = found.texts
  const texts: [string, ...string[]] = [listTags(best), ...others.map((json) => listTags(json))]
  onText?.(texts[0])
  return { ...found, texts }
}

function answerText(
  context: HttpContext,
  settings: HttpSettings,
  question: TextOnly,
  format: AnswerFormat,
  { onText }: DescribeHooks,
): ChatAnswer {
  const { json: text, unanswered } = inFormat(question, format)
  reportUnanswered(context, settings, unanswered)
  onText?.(text)
  return { description: undefined, texts: [text], unanswered }
}

function inFormat({ answer, source }: TextOnly, format: AnswerFormat): StructuredAnswer {
  const plain = (json: string) => ({ json, unanswered: [] })
  if (format.kind === 'text') return plain(answer)
  if (format.kind === 'json' && format.anyShape) {
    // A title or tags may have the shape already that the prompt shows.
    return plain(answer.startsWith('{') ? answer : JSON.stringify({ caption: answer }))
  }
  const made = source && format.structured.answerText(source)
  if (made !== undefined) return made
  throw new FlocapError(
    'missing_image',
    'The answer has to fit a JSON schema and is made from a picture, but the chat has none.',
    { hint: 'Add an image to the last message.' },
  )
}

/** What nothing is known of is said in a header, in the log and in the answer's `flocap`. */
async function answerStructured(
  context: HttpContext,
  { captioner, settings }: SurfaceServices,
  question: Question,
  { structured }: Exclude<AnswerFormat, { kind: 'text' }>,
  { signal, onText }: DescribeHooks,
): Promise<Description> {
  const headers = context.get('answerHeaders')
  const refuses = settings.unanswerable === 'refuse'
  const description = await describeStructured(captioner, question, structured, {
    signal,
    // An answer that may yet be refused does not begin.
    ...(onText === undefined || refuses ? {} : { onText }),
    onTasks: (tasks) => headers.set('x-flocap-task', tasks.map(({ task }) => task).join(', ')),
  })
  reportUnanswered(context, settings, description.unanswered ?? [])
  if (refuses) onText?.(description.texts[0])
  return description
}

/** @throws FlocapError `unanswerable` where the settings refuse what nothing is known of. */
function reportUnanswered(
  context: HttpContext,
  settings: HttpSettings,
  unanswered: readonly string[],
): void {
  if (settings.unanswerable === 'refuse') refuseUnanswered(unanswered)
  if (unanswered.length === 0) return
  context.get('answerHeaders').set('x-flocap-unanswered', renderNames(unanswered))
  context.get('logger').warn({ unanswered }, 'nothing is known of what the schema asks for')
}

/** Proxies refuse headers of more than some kilobytes. */
const MAX_HEADER = 1_000

/**
 * Names are the client's own: a header takes no line breaks and little else than ASCII. Those that
 * have no room are counted; the answer's `flocap` has them all.
 */
function renderNames(names: readonly string[]): string {
  const encoded = names.map((name) => encodeURI(name))
  let shown = 0
  for (let length = 0; shown < encoded.length; shown += 1) {
    length += (encoded[shown]?.length ?? 0) + ', '.length
    if (length > MAX_HEADER) break
  }
  const rest = encoded.length - shown
  return [...encoded.slice(0, shown), ...(rest === 0 ? [] : [`${rest} more`])].join(', ')
}
