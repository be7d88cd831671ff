// What the page knows: the pictures, and what has become of the questions about each. A reducer, so
// that every way through it can be tested without a browser.
import type { Problem } from '../server/problem.ts'
import type { NamedFile, Question } from '../server/server.ts'
import type { Answered, RequestSettings, TaskAnswer } from '../server/wire.ts'
import { addAnswers } from './given-answers.ts'
import type { Box } from './region.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

/** What is asked in one request. */
export interface Asked {
  readonly questions: readonly Question[]
  readonly settings: RequestSettings
}

export type Progress =
  /** Nothing has been asked yet, or it was stopped. */
  | { readonly kind: 'idle' }
  | ({ readonly kind: 'waiting' } & Asked)
  | ({
      readonly kind: 'asking'
      /** What is certain of each answer so far. */
      readonly texts: readonly string[]
    } & Asked)
  | ({ readonly kind: 'answered' } & Asked)
  | ({ readonly kind: 'failed'; readonly problem: Problem } & Asked)

/** An answer that stays with its picture, and the question it belongs to. */
export interface GivenAnswer {
  readonly question: Question
  readonly settings: RequestSettings
  /** Who answered: its name, and whether it is the demo model. */
  readonly model: string
  readonly demo: boolean
  readonly answer: TaskAnswer
  /** What a person made of its text. */
  readonly edited?: string
}

export interface Picture extends NamedFile {
  /** Later pictures have larger ones. */
  readonly id: number
  /** An object URL of the file. */
  readonly url: string
  /** Known when the browser or the server has read it; upright. */
  readonly size?: Size
  /** What tasks that take a region are asked about. */
  readonly region?: Box | undefined
  /** Of the last request. */
  readonly progress: Progress
  /** Of all requests, those of the last one first. */
  readonly answers: readonly GivenAnswer[]
}

export interface Session {
  readonly pictures: readonly Picture[]
  /** Id of the one that is looked at. */
  readonly selected: number | undefined
}

export type SessionEvent =
  | {
      readonly type: 'added'
      readonly pictures: readonly (NamedFile & Pick<Picture, 'id' | 'url' | 'size'>)[]
    }
  /** Pictures of an earlier visit, from the history. */
  | { readonly type: 'restored'; readonly pictures: readonly Picture[] }
  | { readonly type: 'selected'; readonly id: number }
  | { readonly type: 'removed'; readonly id: number }
  | { readonly type: 'cleared' }
  | { readonly type: 'sized'; readonly id: number; readonly size: Size }
  | { readonly type: 'marked'; readonly id: number; readonly region: Box | undefined }
  | ({ readonly type: 'asked'; readonly id: number } & Asked)
  | { readonly type: 'started'; readonly id: number }
  | {
      readonly type: 'text'
      readonly id: number
      readonly index: number
      readonly text: string
    }
  | { readonly type: 'answered'; readonly id: number; readonly answer: Answered }
  /** A text that a person changed; undefined for the model's own again. */
  | {
      readonly type: 'edited'
      readonly id: number
      readonly index: number
      readonly text: string | undefined
    }
  | { readonly type: 'dropped'; readonly id: number; readonly index: number }
  | { readonly type: 'failed'; readonly id: number; readonly problem: Problem }
  /** Its turn comes again: the server was not ready, or wants a key first. */
  | { readonly type: 'postponed'; readonly id: number }
  | { readonly type: 'stopped'; readonly id: number }

export const EMPTY_SESSION: Session = { pictures: [], selected: undefined }

export function reduceSession(session: Session, event: SessionEvent): Session {
  switch (event.type) {
    case 'added': {
      const added = event.pictures.map((each): Picture => ({
        ...each,
        progress: { kind: 'idle' },
        answers: [],
      }))
      return {
        pictures: [...session.pictures, ...added],
        selected: added[0]?.id ?? session.selected,
      }
    }
    case 'restored':
      return {
        pictures: [...event.pictures, ...session.pictures],
        selected: session.selected ?? event.pictures.at(-1)?.id,
      }
    case 'selected':
      return { ...session, selected: event.id }
    case 'removed':
      return withoutPicture(session, event.id)
    case 'cleared':
      return EMPTY_SESSION
    case 'sized':
      return change(session, event.id, (picture) => ({ ...picture, size: event.size }))
    case 'marked':
      return change(session, event.id, (picture) => ({ ...picture, region: event.region }))
    case 'answered':
      return change(session, event.id, (picture) => answered(picture, event.answer))
    case 'edited':
      return change(session, event.id, ({ answers, ...picture }) => ({
        ...picture,
        answers: answers.map((each, index) =>
          index === event.index ? edit(each, event.text) : each,
        ),
      }))
    case 'dropped':
      return change(session, event.id, ({ answers, ...picture }) => ({
        ...picture,
        answers: answers.filter((_, index) => index !== event.index),
      }))
    case 'asked':
    case 'started':
    case 'text':
    case 'failed':
    case 'postponed':
    case 'stopped':
      return change(session, event.id, (picture) => ({
        ...picture,
        progress: proceed(picture.progress, event),
      }))
  }
}

type ProgressEvent = Extract<
  SessionEvent,
  { readonly type: 'asked' | 'started' | 'text' | 'failed' | 'postponed' | 'stopped' }
>

/** What comes too late, of a request that was stopped or asked again, changes nothing. */
function proceed(progress: Progress, event: ProgressEvent): Progress {
  if (event.type === 'asked') {
    return { kind: 'waiting', questions: event.questions, settings: event.settings }
  }
  if (event.type === 'started' && progress.kind === 'waiting') {
    return { ...progress, kind: 'asking', texts: progress.questions.map(() => '') }
  }
  if (event.type === 'stopped' && progress.kind === 'waiting') return { kind: 'idle' }
  if (progress.kind !== 'asking') return progress
  const { questions, settings } = progress
  switch (event.type) {
    case 'text':
      return {
        ...progress,
        texts: progress.texts.map((text, index) =>
          index === event.index ? text + event.text : text,
        ),
      }
    case 'failed':
      return { kind: 'failed', questions, settings, problem: event.problem }
    case 'postponed':
      return { kind: 'waiting', questions, settings }
    case 'stopped':
      return { kind: 'idle' }
    case 'started':
      return progress
  }
}

function answered(picture: Picture, answer: Answered): Picture {
  const { progress } = picture
  const { width, height } = answer
  const size = { width, height }
  if (progress.kind !== 'asking') return { ...picture, size }
  const { questions, settings } = progress
  return {
    ...picture,
    size,
    progress: { kind: 'answered', questions, settings },
    answers: addAnswers(picture.answers, { questions, settings }, answer),
  }
}

/** As the model said it is not edited. */
function edit(given: GivenAnswer, text: string | undefined): GivenAnswer {
  const { question, settings, model, demo, answer } = given
  const own = { question, settings, model, demo, answer }
  return text === undefined || text === answer.text ? own : { ...own, edited: text }
}

export function selectedPicture({ pictures, selected }: Session): Picture | undefined {
  return pictures.find(({ id }) => id === selected)
}

/** What was asked last about a picture. */
export function lastAsked(picture: Picture | undefined): Asked | undefined {
  if (picture === undefined || picture.progress.kind === 'idle') return undefined
  const { questions, settings } = picture.progress
  return { questions, settings }
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

/** The neighbour is looked at next. */
function withoutPicture({ pictures, selected }: Session, id: number): Session {
  const at = pictures.findIndex((picture) => picture.id === id)
  const rest = pictures.filter((picture) => picture.id !== id)
  const neighbour = rest[Math.min(at, rest.length - 1)]
  return { pictures: rest, selected: selected === id ? neighbour?.id : selected }
}
