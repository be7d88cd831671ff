// The lines of a journal.
import { z } from 'zod'
import type { TaskData } from '../../caption/task-data.ts'
import type { Answer, AnsweredPicture } from '../ask/answer-questions.ts'

const DATA_MEMBERS: Readonly<Record<TaskData['kind'], readonly string[]>> = {
  text: [],
  boxes: ['boxes'],
  quads: ['quads'],
  polygons: ['polygons'],
  boxes_or_polygons: ['boxes', 'polygons'],
}

const dataKind = z.looseObject({
  kind: z.enum(['text', 'boxes', 'quads', 'polygons', 'boxes_or_polygons']),
})

/** Written by FloCap itself: the form is checked, not every number. */
function isTaskData(value: unknown): value is TaskData {
  const parsed = dataKind.safeParse(value)
  if (!parsed.success) return false
  return DATA_MEMBERS[parsed.data.kind].every((member) => Array.isArray(parsed.data[member]))
}

const line = z.object({
  text: z.string(),
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  pieces: z.array(z.object({ label: z.string(), quad: z.array(z.number()) })),
})

const answer = z.object({
  task: z.string(),
  text: z.string(),
  said: z.string().exactOptional(),
  data: z.custom<TaskData>(isTaskData),
  empty: z.literal(true).exactOptional(),
  confidence: z.number().exactOptional(),
  finishReason: z.enum(['stop', 'length', 'stop_text']).exactOptional(),
  usage: z.object({ promptTokens: z.number(), completionTokens: z.number() }).exactOptional(),
  caption: z.string().exactOptional(),
  lines: z.array(line).exactOptional(),
}) satisfies z.ZodType<Answer>

const answered = z.object({
  width: z.number(),
  height: z.number(),
  answers: z.array(answer),
}) satisfies z.ZodType<AnsweredPicture>

const pictureEntry = z.object({
  type: z.literal('picture'),
  name: z.string(),
  /** SHA-256 of the picture file. */
  sha256: z.string(),
  /** By which it is known without being read. */
  size: z.number(),
  mtimeMs: z.number(),
  /** What each answer was asked by, as a key of question and model. */
  asked: z.array(z.string()),
  run: z.string(),
  time: z.string(),
  answered,
  /** What each format's file holds once it is written, and what it replaces, as SHA-256. */
  files: z.record(
    z.string(),
    z.object({
      sha256: z.string(),
      before: z.string().exactOptional(),
      /** Of the picture itself with its captions in it: it is recognised by size and hash. */
      size: z.number().exactOptional(),
    }),
  ),
})
export interface PictureEntry extends Omit<z.infer<typeof pictureEntry>, 'answered'> {
  readonly answered: AnsweredPicture
}

const runEntry = z.object({
  type: z.literal('run'),
  run: z.string(),
  time: z.string(),
  /** Everything that a run's files depend on, as a key: a stopped one goes on with the same only. */
  options: z.string(),
  overwrite: z.boolean(),
  model: z.string(),
})
export type RunEntry = z.infer<typeof runEntry>

/** Captions were put into the picture itself: its file is another one now. */
const embeddedEntry = z.object({
  type: z.literal('embedded'),
  name: z.string(),
  run: z.string(),
  time: z.string(),
  size: z.number(),
  mtimeMs: z.number(),
})
type EmbeddedEntry = z.infer<typeof embeddedEntry>

/** A picture that could not be captioned: the next run tries again. */
const failureEntry = z.object({
  type: z.literal('failure'),
  name: z.string(),
  run: z.string(),
  time: z.string(),
  code: z.string(),
  message: z.string(),
})
export type FailureEntry = z.infer<typeof failureEntry>

/** A file about many pictures was written as a whole: it is left alone while it is still the same. */
const fileEntry = z.object({
  type: z.literal('file'),
  time: z.string(),
  /** Within the output folder, with `/`. */
  file: z.string(),
  /** Of everything that its content depends on. */
  key: z.string(),
  /** By which it is known without being read. */
  size: z.number(),
  mtimeMs: z.number(),
})
export type FileEntry = z.infer<typeof fileEntry>

const endEntry = z.object({ type: z.literal('end'), run: z.string(), time: z.string() })
type EndEntry = z.infer<typeof endEntry>

export const journalEntry = z.discriminatedUnion('type', [
  pictureEntry,
  embeddedEntry,
  failureEntry,
  fileEntry,
  runEntry,
  endEntry,
])
export type JournalEntry =
  | PictureEntry
  | EmbeddedEntry
  | FailureEntry
  | FileEntry
  | RunEntry
  | EndEntry
