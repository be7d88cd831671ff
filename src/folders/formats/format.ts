// What a format of captions is to the run: files beside pictures, or one file about all of them.
import type { PictureSize } from '../../caption/ports.ts'
import type { Answer } from '../ask/answer-questions.ts'
import type { PictureFile } from '../inputs/picture-file.ts'
import type { WholeFiles } from '../journal/whole-files.ts'

/** A picture with everything that formats write about it. */
export interface Captioned extends PictureSize {
  readonly picture: PictureFile
  readonly answers: readonly Answer[]
  /** One line each, with the text rules applied; none when the model said nothing. */
  readonly captions: readonly string[]
}

/** What a file that is there means to a format. */
export type FileState =
  /** No file, or nothing in it. */
  | 'missing'
  /** Its content is somebody's caption: it is kept. */
  | 'captioned'
  /** It says other things, which stay when a caption is put into it. */
  | 'open'

/** A file for each picture. */
export interface BesideFormat {
  readonly kind: 'beside'
  readonly id: string
  readonly fileOf: (picture: PictureFile) => string
  /** @throws FlocapError when the format can write nothing into such a file. */
  readonly stateOf: (content: Uint8Array) => FileState | Promise<FileState>
  /**
   * The new content, or undefined when there is nothing to write: never an empty file.
   * @param before what is there, unless it is to be replaced.
   */
  readonly render: (
    captioned: Captioned,
    before: Uint8Array | undefined,
  ) => Promise<Uint8Array | string | undefined>
}

/** A picture of the run; without `captioned` its row stays as the file has it. */
export interface Row {
  readonly picture: PictureFile
  readonly captioned?: Captioned
}

/** What a file about all pictures is opened for. */
export interface CollectedRun {
  readonly pictures: readonly PictureFile[]
  readonly wholes: WholeFiles
}

/** One file about all pictures of an output folder. */
export interface CollectedFormat {
  readonly kind: 'collected'
  readonly id: string
  /**
   * Reads what is there.
   * @param output the folder of the file.
   * @throws FlocapError when it cannot be gone on with.
   */
  readonly open: (output: string, run: CollectedRun) => Promise<CollectedFile>
}

export interface CollectedFile {
  /** Whether it says something about the picture already. */
  has(picture: PictureFile): boolean
  /**
   * Writes it again, beside the old one and renamed.
   * @param rows the pictures of the run in their order. @param isComplete whether the run has ended.
   */
  finish(rows: AsyncIterable<Row>, isComplete: boolean): Promise<void>
}

export type Format = BesideFormat | CollectedFormat
