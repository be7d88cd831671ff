// What a prompt in plain words asks for, where a server is told to follow prompts (`--prompts follow`).
//
// A closed list of phrases, no model and no guessing: Florence-2 knows tasks, not instructions. A prompt
// that says none of them, or two that contradict, means the default task.
import type { TaskId } from './tasks.ts'

export type Intent = 'read' | 'tags' | 'short' | 'alt' | 'objects'

export interface IntentRow {
  readonly intent: Intent
  /** What the page of documentation calls it. */
  readonly title: string
  readonly task: TaskId
  /** Tags are the labels of what was found, as a list with commas between. */
  readonly asTags: boolean
  readonly phrases: RegExp
  /** Prompts that mean it, shown in the documentation. */
  readonly examples: readonly string[]
}

export const INTENTS: readonly IntentRow[] = [
  {
    intent: 'read',
    title: 'the text on the picture',
    task: 'ocr',
    asTags: false,
    phrases:
      /\b(?:read|extract|recogni[sz]e|copy|return|output) (?:\w+ ){0,4}(?:text|words|writing|letters)\b|\btranscri(?:be|ption|bing)\b|\bocr\b|\bwhat (?:does|do) (?:\w+ ){1,4}say\b|\bwhat is written\b/i,
    examples: ['Read the text.', 'Transcribe this page.', 'What does the sign say?'],
  },
  {
    intent: 'tags',
    title: 'tags with commas between: the labels of what was found',
    task: 'od',
    asTags: true,
    phrases: /\b(?:hash)?tags\b|\bkeywords\b|\blabels\b/i,
    examples: ['Give me five tags.', 'Keywords for this photo, separated by commas'],
  },
  {
    intent: 'short',
    title: 'one short sentence',
    task: 'caption',
    asTags: false,
    phrases:
      /\b(?:one|single|a|1)(?: short| simple| concise)? sentence\b|\b(?:short|brief|concise)(?: \w+)? (?:caption|description|summary|title)\b|\b(?:briefly|in brief|in short)\b|\b(?:one|two|three|a few|few)(?: (?:or|to) (?:two|three|four|five))? words\b/i,
    examples: [
      'Describe the picture in one sentence.',
      'Write a short caption.',
      'What is it, in one or two words?',
    ],
  },
  {
    intent: 'alt',
    title: 'an alternative text: one short sentence',
    task: 'caption',
    asTags: false,
    phrases: /\balt(?:ernative)?[- ]?texts?\b/i,
    examples: ['Write an alt text for this image.'],
  },
  {
    intent: 'objects',
    title: 'the objects and their boxes',
    task: 'od',
    asTags: false,
    phrases:
      /\b(?:list|name|find|detect|identify|locate|enumerate|what) (?:\w+ ){0,4}(?:objects|things|items)\b/i,
    examples: ['List all objects.', 'What objects do you see?'],
  },
]

/** Texts beyond this are not looked at: an instruction stands at an end of a prompt, mostly the first. */
const MAX_CHARACTERS = 8_000

/** `Do not transcribe`, `without tags`, `avoid labels`. */
const NEGATION = /\b(?:no|not|never|without|avoid|except|instead of)\b|n['’]t\b/i

/** The one thing that `prompt` asks for; undefined where it is none of the list, or several. */
export function readIntent(prompt: string): IntentRow | undefined {
  const sentences = prompt.slice(0, MAX_CHARACTERS).split(/[.!?;\n]+/)
  const said = sentences.filter((sentence) => !NEGATION.test(sentence))
  const rows = INTENTS.filter(({ phrases }) => said.some((sentence) => phrases.test(sentence)))
  const [first, ...others] = rows
  const agree = others.every(({ task, asTags }) => task === first?.task && asTags === first.asTags)
  return agree ? first : undefined
}
