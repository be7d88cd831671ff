// Pictures and answers as the page knows them, for tests of its session.
import type { GivenAnswer, Picture } from './session.ts'
import type { Answered, TaskAnswer } from '../server/wire.ts'

/** A text, unless `changes` say otherwise. */
export function taskAnswer(text: string, changes: Partial<TaskAnswer> = {}): TaskAnswer {
  return {
    task: 'caption',
    text,
    data: { kind: 'text', text },
    confidence: 0.934,
    finish_reason: 'stop',
    alternatives: [],
    usage: { prompt_tokens: 1, completion_tokens: 1 },
    timings_ms: { picture: 10, vision: 300, prefill: 40, decode: 60 },
    cached: false,
    ...changes,
  }
}

export function boxesAnswer(...labels: readonly string[]): TaskAnswer {
  const boxes = labels.map((label) => ({ label, box: [33.6, 160, 597.4, 372] as const }))
  const data: TaskAnswer['data'] = {
    kind: 'boxes',
    boxes: boxes.map(({ label, box }) => ({ label, box: [...box] })),
  }
  return taskAnswer(labels.join(', ') || 'No objects found.', { task: 'od', data })
}

export function answered(...answers: readonly TaskAnswer[]): Answered {
  return { width: 20, height: 10, answers: [...answers], model: 'large', demo: false }
}

export function given(answer: TaskAnswer, changes: Partial<GivenAnswer> = {}): GivenAnswer {
  const question = { task: answer.task }
  return { question, settings: {}, model: 'large', demo: false, answer, ...changes }
}

export function picture(changes: Partial<Picture> = {}): Picture {
  return {
    id: 1,
    name: 'a.png',
    url: 'blob:a',
    file: new Blob(),
    progress: { kind: 'idle' },
    answers: [],
    ...changes,
  }
}
