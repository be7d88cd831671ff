// Writes the portable checkpoint of a fixture: a small random Florence-2 as a folder that any loader
// takes, byte for byte the one that the reference was run on.
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CheckpointRecipe } from './florence2-fixtures.ts'
import { parseShapes } from './florence2-shapes.ts'
import { listTensors } from './florence2-tensors.ts'
import { isTransposedInMicrosoftLayout, toMicrosoftName } from './microsoft-names.ts'
import { portableValues } from './portable-weights.ts'
import type { PortableTensor } from './portable-weights.ts'
import { renderSafetensors } from './safetensors-writer.ts'
import type { SafetensorsParts, StoredDtype, StoredTensor } from './safetensors-writer.ts'

const TOKENIZER = fileURLToPath(new URL('../fixtures/florence2/tokenizer/', import.meta.url))

/** Files that do not depend on the weights; all fixtures share one vocabulary. */
const COPIED_FILES = ['generation_config.json', 'tokenizer.json', 'tokenizer_config.json']

/** model.safetensors of a fixture's checkpoint, in its layout and dtype or in another layout. */
export function renderRandomCheckpoint(
  recipe: CheckpointRecipe,
  layout: CheckpointRecipe['layout'] = recipe.layout,
): SafetensorsParts {
  const shapes = parseShapes(recipe.config, recipe.layout)
  const target = { ...recipe, layout }
  return renderSafetensors(listTensors(shapes, recipe).map((tensor) => toStored(tensor, target)))
}

/** Writes the checkpoint of a fixture into `folder`, which is made if need be. */
export function writeRandomCheckpoint(
  folder: string,
  fixture: { readonly checkpoint: CheckpointRecipe },
): void {
  const { checkpoint } = fixture
  mkdirSync(folder, { recursive: true })
  writeJson(join(folder, 'config.json'), checkpoint.config)
  writeJson(join(folder, 'preprocessor_config.json'), checkpoint.preprocessorConfig)
  for (const file of COPIED_FILES) copyFileSync(join(TOKENIZER, file), join(folder, file))
  const { header, data } = renderRandomCheckpoint(checkpoint)
  writeFileSync(join(folder, 'model.safetensors'), Buffer.concat([header, data]))
}

/** SHA-256 in hex of the parts one after the other. */
export function sha256Of(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

function toStored(tensor: PortableTensor, recipe: CheckpointRecipe): StoredTensor {
  const { name, shape } = tensor
  const dtype = storedDtype(tensor, recipe.dtype)
  const values = portableValues(tensor, recipe.seed, dtype)
  if (recipe.layout === 'native') return { name, shape, dtype, values }
  const renamed = toMicrosoftName(name)
  if (!isTransposedInMicrosoftLayout(name)) return { name: renamed, shape, dtype, values }
  const [rows = 0, columns = 0] = shape
  return {
    name: renamed,
    shape: [columns, rows],
    dtype,
    values: transpose(values, rows, columns),
  }
}

/** 'mixed' stands for files whose tensors differ, as some converters leave them. */
function storedDtype(tensor: PortableTensor, dtype: CheckpointRecipe['dtype']): StoredDtype {
  if (dtype !== 'mixed') return dtype
  if (['norm_weight', 'position', 'map_position', 'temporal'].includes(tensor.role)) return 'F32'
  return tensor.role === 'bias' ? 'BF16' : 'F16'
}

function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length)
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      turned[column * rows + row] = values[row * columns + column]!
    }
  }
  return turned
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)
}
