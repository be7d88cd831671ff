// What the page knows: the pictures, and what has become of the questions about each. A reducer, so
// that every way through it can be tested without a browser.
import type { Problem } from '../server/problem.ts'
import type { NamedFile, Question } from '../server/server.ts'
import type { AnsweredPicture } from '../server/wire.ts'
import type { Box } from './region.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

export type Progress =
  /** Nothing has been asked yet. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'waiting'; readonly questions: readonly Question[] }
  | {
      readonly kind: 'asking'
      readonly questions: readonly Question[]
      /** What is certain of each answer so far. */
      readonly texts: readonly string[]
    }
  | {
      readonly kind: 'answered'
      readonly questions: readonly Question[]
      readonly answer: AnsweredPicture
    }
  | {
      readonly kind: 'failed'
      readonly questions: readonly Question[]
      readonly problem: Problem
    }

export interface Picture extends NamedFile {
  readonly id: number
  /** An object URL of the file. */
  readonly url: string
  /** Known when the browser or the server has read it; upright. */
  readonly size?: Size
  /** What tasks that take a region are asked about. */
  readonly region?: Box | undefined
  readonly progress: Progress
}

export interface Session {
  readonly pictures: readonly Picture[]
  /** Id of the one that is looked at. */
  readonly selected: number | undefined
}

export type SessionEvent =
  | {
      readonly type: 'added'
      readonly pictures: readonly (NamedFile & Pick<Picture, 'id' | 'url'>)[]
    }
  | { readonly type: 'selected'; readonly id: number }
  | { readonly type: 'removed'; readonly id: number }
  | { readonly type: 'sized'; readonly id: number; readonly size: Size }
  | { readonly type: 'marked'; readonly id: number; readonly region: Box | undefined }
  | { readonly type: 'asked'; readonly id: number; readonly questions: readonly Question[] }
  | { readonly type: 'started'; readonly id: number }
  | {
      readonly type: 'text'
      readonly id: number
      readonly index: number
      readonly text: string
    }
  | { readonly type: 'answered'; readonly id: number; readonly answer: AnsweredPicture }
  | { readonly type: 'failed'; readonly id: number; readonly problem: Problem }
  /** Its turn comes again: the server was not ready, or wants a key first. */
  | { readonly type: 'postponed'; readonly id: number }
  | { readonly type: 'stopped'; readonly id: number }

export const EMPTY_SESSION: Session = { pictures: [], selected: undefined }

export function reduceSession(session: Session, event: SessionEvent): Session {
  switch (event.type) {
    case 'added': {
      const added = event.pictures.map((each) => ({ ...each, progress: { kind: 'idle' } as const }))
      return {
        pictures: [...session.pictures, ...added],
        selected: added[0]?.id ?? session.selected,
      }
    }
    case 'selected':
      return { ...session, selected: event.id }
    case 'removed':
      return withoutPicture(session, event.id)
    case 'sized':
      return change(session, event.id, (picture) => ({ ...picture, size: event.size }))
    case 'marked':
      return change(session, event.id, (picture) => ({ ...picture, region: event.region }))
    case 'asked':
      return proceed(session, event.id, () => ({ kind: 'waiting', questions: event.questions }))
    case 'started':
      return proceed(session, event.id, (progress) =>
        progress.kind === 'waiting'
          ? {
              kind: 'asking',
              questions: progress.questions,
              texts: progress.questions.map(() => ''),
            }
          : progress,
      )
    case 'text':
      return proceed(session, event.id, (progress) =>
        progress.kind === 'asking'
          ? {
              ...progress,
              texts: progress.texts.map((text, index) =>
                index === event.index ? text + event.text : text,
              ),
            }
          : progress,
      )
    case 'answered': {
      const { width, height } = event.answer
      const answered = proceed(session, event.id, (progress) =>
        progress.kind === 'asking'
          ? { kind: 'answered', questions: progress.questions, answer: event.answer }
          : progress,
      )
      return change(answered, event.id, (picture) => ({ ...picture, size: { width, height } }))
    }
    case 'failed':
      return proceed(session, event.id, (progress) =>
        progress.kind === 'asking'
          ? { kind: 'failed', questions: progress.questions, problem: event.problem }
          : progress,
      )
    case 'postponed':
      return proceed(session, event.id, (progress) =>
        progress.kind === 'asking' ? { kind: 'waiting', questions: progress.questions } : progress,
      )
    case 'stopped':
      return proceed(session, event.id, (progress) =>
        progress.kind === 'asking' || progress.kind === 'waiting' ? { kind: 'idle' } : progress,
      )
  }
}

export function selectedPicture({ pictures, selected }: Session): Picture | undefined {
  return pictures.find(({ id }) => id === selected)
}

/** Whose turn it is: one after the other, as the model answers them anyway. */
export function nextToAsk({ pictures }: Session): Picture | undefined {
  const isBusy = pictures.some(({ progress }) => progress.kind === 'asking')
  return isBusy ? undefined : pictures.find(({ progress }) => progress.kind === 'waiting')
}

function change(session: Session, id: number, update: (picture: Picture) => Picture): Session {
  return {
    ...session,
    pictures: session.pictures.map((picture) => (picture.id === id ? update(picture) : picture)),
  }
}

function proceed(session: Session, id: number, next: (progress: Progress) => Progress): Session {
  return change(session, id, (picture) => ({ ...picture, progress: next(picture.progress) }))
}

/** The neighbour is looked at next. */
function withoutPicture({ pictures, selected }: Session, id: number): Session {
  const at = pictures.findIndex((picture) => picture.id === id)
  const rest = pictures.filter((picture) => picture.id !== id)
  const neighbour = rest[Math.min(at, rest.length - 1)]
  return { pictures: rest, selected: selected === id ? neighbour?.id : selected }
}
