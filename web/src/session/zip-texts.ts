// Text files as one ZIP archive. What packs them is loaded when it is needed: it is not on the first view.
import type { TextFile } from './results.ts'

export async function zipTexts(files: readonly TextFile[]): Promise<Blob> {
  const { strToU8, zipSync } = await import('fflate')
  const packed = zipSync(Object.fromEntries(files.map(({ name, text }) => [name, strToU8(text)])))
  return new Blob([Uint8Array.from(packed)], { type: 'application/zip' })
}
