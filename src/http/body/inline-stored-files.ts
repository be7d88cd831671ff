// A line of a batch that names uploaded files, with the files themselves in it: who answers it on another
// machine has them not.
import { storedFileOf } from './stored-file.ts'

/** Every id begins so; a line without it is left as it is, however large. */
const ID_START = 'file-'

/**
 * @param line JSON
 * @param read the bytes of a file, by its id
 * @returns JSON that says the same without ids
 */
export async function inlineStoredFiles(
  line: string,
  read: (id: string) => Promise<Uint8Array>,
): Promise<string> {
  if (!line.includes(ID_START)) return line
  const dataUrl = async (id: string): Promise<string> =>
    `data:application/octet-stream;base64,${Buffer.from(await read(id)).toString('base64')}`

  async function inline(value: unknown): Promise<unknown> {
    if (typeof value === 'string') {
      const id = storedFileOf(value)
      return id === undefined ? value : await dataUrl(id)
    }
    if (Array.isArray(value)) return await Promise.all(value.map(inline))
    if (typeof value !== 'object' || value === null) return value
    const { file_id: id, ...rest } = Object.fromEntries(
      await Promise.all(
        Object.entries(value).map(async ([name, field]) => [name, await inline(field)] as const),
      ),
    )
    if (typeof id !== 'string') return id === undefined ? rest : { ...rest, file_id: id }
    // `input_image` of responses has its picture in image_url, `file` of chats in file_data.
    return { ...rest, [rest['type'] === undefined ? 'file_data' : 'image_url']: await dataUrl(id) }
  }

  return JSON.stringify(await inline(JSON.parse(line)))
}
