// Where each picture's caption is, or would be: the file beside it that trainers read.
import { readdir } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { besidePath, findClashes, nameStem, type Naming } from '../formats/names.ts'
import { findPictures } from '../inputs/find-pictures.ts'
import type { PictureFile } from '../inputs/picture-file.ts'
import type { RecognisePicture } from '../ports.ts'
import { readCaption } from './caption-file.ts'

/** Those that trainers read, in the order in which they are looked for. */
const ENDINGS = ['txt', 'caption'] as const
type Ending = (typeof ENDINGS)[number]

export interface Place {
  readonly picture: PictureFile
  readonly ending: Ending
  readonly path: string
  /** The same within the folder, with `/`. */
  readonly file: string
  /** Why the file would not be this picture's alone. */
  readonly clash: string | undefined
}

export interface PlacesOptions {
  readonly recursive: boolean
  readonly recognise: RecognisePicture
}

/** By the pictures' names. @throws FlocapError `missing_image` for a folder that cannot be read. */
export async function findPlaces(
  folder: string,
  how: PlacesOptions,
): Promise<ReadonlyMap<string, Place>> {
  const found = await findPictures([folder], { ...how, archivesOfFolders: false })
  await found.close()
  const [failure] = found.failures
  if (failure !== undefined && found.pictures.length === 0) throw failure.error
  const pictures = found.pictures.filter(({ archive }) => archive === undefined)
  const names = await namesBeside(folder, pictures)
  const clashes = findClashes(pictures, (picture) => [nameStem(picture, 'stem')])
  const clashing = new Map(
    [...clashes.values()].flatMap((group) => group.map((each) => [each.name, group])),
  )
  const usual = usualForm(pictures, names)
  return new Map(
    pictures.map((picture) => {
      const { ending, naming } = findForm(picture, names) ?? usual
      const file = `${nameStem(picture, naming)}.${ending}`
      const others = naming === 'full' ? undefined : clashing.get(picture.name)
      const other = others?.find(({ name }) => name !== picture.name)?.name
      const clash = other && `${file} would also be the caption of ${other}.`
      return [picture.name, { picture, ending, path: join(folder, file), file, clash }]
    }),
  )
}

interface Form {
  readonly ending: Ending
  readonly naming: Naming
}

const FORMS: readonly Form[] = ENDINGS.flatMap((ending) => [
  { ending, naming: 'stem' },
  { ending, naming: 'full' },
])

function findForm(picture: PictureFile, names: ReadonlySet<string>): Form | undefined {
  return FORMS.find(({ ending, naming }) => names.has(`${nameStem(picture, naming)}.${ending}`))
}

/** What a person reads as the picture's caption: that of the first file that has one. */
export async function readOwnCaption(picture: PictureFile): Promise<string | undefined> {
  for (const { ending, naming } of FORMS) {
    const { text } = await readCaption(besidePath(picture, `.${ending}`, naming))
    if (text !== undefined) return text
  }
  return undefined
}

/** What most captions of the folder are called, for pictures that have none. */
function usualForm(pictures: readonly PictureFile[], names: ReadonlySet<string>): Form {
  const counts = new Map<Form, number>()
  for (const picture of pictures) {
    const form = findForm(picture, names)
    if (form !== undefined) counts.set(form, (counts.get(form) ?? 0) + 1)
  }
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a)
  return most?.[0] ?? { ending: 'txt', naming: 'stem' }
}

/** Every file of the pictures' folders, within `folder`, with `/`. */
async function namesBeside(
  folder: string,
  pictures: readonly PictureFile[],
): Promise<ReadonlySet<string>> {
  const folders = new Set(pictures.map(({ name }) => posix.dirname(name)))
  const names = new Set<string>()
  for (const inner of folders) {
    for (const name of await readdir(join(folder, inner))) names.add(posix.join(inner, name))
  }
  return names
}
