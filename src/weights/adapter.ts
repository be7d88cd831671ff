// A LoRA adapter, as PEFT saves it: what it adds to a checkpoint's tensors.
//
// Merged while the checkpoint is read, so that the compiled model is an ordinary one:
//
//   LoRA   W + scale * B A,  scale = alpha / r, or alpha / sqrt(r) for rsLoRA
//   DoRA   m / ||W + scale * B A|| * (W + scale * B A), the norm of each output's weights
//
// Source: `get_delta_weight` and `merge` of peft/tuners/lora (layer.py, dora.py).
import { z } from 'zod'
import { FlocapError } from '../base/errors.ts'
import { invalidField, parseModelFields } from '../base/model-fields.ts'
import { ADAPTER_CONFIG_FILE } from './model-files.ts'
import { readTensor } from './read-tensor.ts'
import type { TensorFile, TensorInfo } from './tensor-file.ts'

/** Larger than any layer of Florence-2 has use for. */
const MAX_RANK = 4096
const MAX_ALPHA = 1e6

const rank = z.number().int().min(1).max(MAX_RANK)
const alpha = z.number().min(-MAX_ALPHA).max(MAX_ALPHA)
const off = z.union([
  z.literal(false),
  z.null(),
  z.array(z.never()),
  z.record(z.string(), z.never()),
])

const configSchema = z.object({
  peft_type: z.literal('LORA'),
  base_model_name_or_path: z.string().nullish(),
  r: rank,
  lora_alpha: alpha,
  rank_pattern: z.record(z.string(), rank).nullish(),
  alpha_pattern: z.record(z.string(), alpha).nullish(),
  use_rslora: z.boolean().nullish(),
  use_dora: z.boolean().nullish(),
  fan_in_fan_out: z.literal(false).nullish(),
  // What would give other weights and is not implemented.
  use_qalora: off.optional(),
  layer_replication: off.optional(),
  target_parameters: off.optional(),
  trainable_token_indices: off.optional(),
  megatron_config: off.optional(),
  // These change the base weights too, and their adapters fit no published checkpoint.
  init_lora_weights: z.union([z.boolean(), z.enum(['gaussian', 'orthogonal', 'eva'])]).nullish(),
})

/** What an adapter's configuration says of the model that it was trained on. */
export interface BaseModel {
  /** A name on the Hub, or a path on the machine that trained the adapter. */
  readonly name: string
  /** Commit, branch or tag; undefined where the file has none. */
  readonly revision: string | undefined
}

/** @returns undefined where the file does not say */
export function baseModelOf(json: unknown): BaseModel | undefined {
  const parsed = z
    .looseObject({ base_model_name_or_path: z.string().min(1), revision: z.string().nullish() })
    .safeParse(json)
  if (!parsed.success) return undefined
  const { base_model_name_or_path: name, revision } = parsed.data
  return { name, revision: revision ?? undefined }
}

/** What the adapter does to one layer. */
interface Layer {
  /** As the configuration has it. */
  readonly rank: number
  readonly scale: number
  readonly parts: ReadonlyMap<LayerPart, TensorInfo>
}

const LAYER_PARTS = [
  'lora_A.weight',
  'lora_B.weight',
  'lora_B.bias',
  'lora_magnitude_vector',
] as const
type LayerPart = (typeof LAYER_PARTS)[number]

export interface Adapter {
  /** Tensors that stand in the place of the checkpoint's: by the name that the file has for them. */
  readonly replaces: ReadonlyMap<string, TensorInfo>
  readonly file: TensorFile
  /** Names of the layers that are changed, as the adapter's modules are called. */
  readonly layers: readonly string[]
  /** Whether the layer's own bias is changed too. */
  changesBias(layer: string): boolean
  /** @param layer one of `layers` @param values [outputs, ...], changed in place */
  mergeWeight(layer: string, values: Float32Array, shape: readonly number[]): Float32Array
  mergeBias(layer: string, values: Float32Array): Float32Array
}

/** @throws FlocapError `invalid_model` naming the field or tensor that cannot be merged exactly. */
export function parseAdapter(json: unknown, file: TensorFile): Adapter {
  const config = parseModelFields(configSchema, json, { file: ADAPTER_CONFIG_FILE })
  const replaces = new Map<string, TensorInfo>()
  const layers = new Map<string, Map<LayerPart, TensorInfo>>()
  for (const info of file.tensors.values()) {
    const name = info.name.replace(/^base_model\.model\./, '').replace('.base_layer.', '.')
    const [, module = '', part = ''] = /^(.+?)\.(lora_.+|token_adapter.+)$/.exec(name) ?? []
    if (part === '') {
      replaces.set(name.replace(/\.modules_to_save(?:\.default)?\./, '.'), info)
      continue
    }
    const known = LAYER_PARTS.find(
      (each) => each === part || (each === 'lora_magnitude_vector' && part === `${each}.weight`),
    )
    if (known === undefined) {
      throw invalidField('the adapter', info.name, `a layer with ${LAYER_PARTS.join(', ')}`, part, {
        hint: 'Merge it with PEFT (merge_and_unload) and give FloCap the whole model.',
      })
    }
    const parts = layers.get(module) ?? new Map<LayerPart, TensorInfo>()
    layers.set(module, parts.set(known, info))
  }
  const rankOf = (module: string): number =>
    matchPattern('rank_pattern', config, module) ?? config.r
  const scaleOf = (module: string): number => {
    const r = rankOf(module)
    const a = matchPattern('alpha_pattern', config, module) ?? config.lora_alpha
    return a / (config.use_rslora === true ? Math.sqrt(r) : r)
  }

  function layerOf(module: string): Layer {
    const parts = layers.get(module)
    if (!parts) throw new RangeError(`no layer ${module}`)
    return { rank: rankOf(module), scale: scaleOf(module), parts }
  }

  const read = (info: TensorInfo): Float32Array => readTensor(file, info)

  return {
    replaces,
    file,
    layers: [...layers.keys()],
    changesBias: (module) => layerOf(module).parts.has('lora_B.bias'),
    mergeWeight(module, values, shape) {
      const { parts, rank: expected, scale } = layerOf(module)
      const [down, up] = [parts.get('lora_A.weight'), parts.get('lora_B.weight')]
      if (!down || !up) throw misfit(module, 'has not both lora_A and lora_B')
      const outputs = shape[0] ?? 0
      const inputs = values.length / outputs
      const r = down.shape[0] ?? 0
      if (sizeOf(down) !== r * inputs || up.shape[0] !== outputs || sizeOf(up) !== outputs * r) {
        throw misfit(
          module,
          `has lora_A [${down.shape.join(', ')}] and lora_B [${up.shape.join(', ')}], ` +
            `which do not fit a weight of [${shape.join(', ')}]`,
        )
      }
      // The scale was counted by it.
      if (r !== expected) {
        throw misfit(module, `has rank ${r}, and ${ADAPTER_CONFIG_FILE} says ${expected}`)
      }
      addProduct(values, read(up), read(down), { outputs, inputs, r, scale })
      const magnitude = parts.get('lora_magnitude_vector')
      if (magnitude) {
        if (sizeOf(magnitude) !== outputs) throw misfit(module, 'has another number of magnitudes')
        rescaleRows(values, read(magnitude), inputs)
      } else if (config.use_dora === true) {
        throw misfit(module, 'has no lora_magnitude_vector, which DoRA needs')
      }
      return values
    },
    mergeBias(module, values) {
      const { parts, scale } = layerOf(module)
      const bias = parts.get('lora_B.bias')
      if (!bias) return values
      if (sizeOf(bias) !== values.length) {
        throw misfit(
          module,
          `has a bias of [${bias.shape.join(', ')}], which does not fit one of [${values.length}]`,
        )
      }
      const added = read(bias)
      return values.map((value, i) => value + Math.fround(scale * added[i]!))
    },
  }
}

/** PEFT's rule: the whole name, or its end after a dot. A pattern is a regular expression there. */
function matchPattern(
  field: 'rank_pattern' | 'alpha_pattern',
  config: Pick<z.output<typeof configSchema>, 'rank_pattern' | 'alpha_pattern'>,
  module: string,
): number | undefined {
  for (const [pattern, value] of Object.entries(config[field] ?? {})) {
    if (!/^[\w.]+$/.test(pattern)) {
      throw invalidField(ADAPTER_CONFIG_FILE, field, 'names of modules', pattern)
    }
    if (module === pattern || module.endsWith(`.${pattern}`)) return value
  }
  return undefined
}

/** values += scale * up down, [outputs, r] and [r, inputs] */
function addProduct(
  values: Float32Array,
  up: Float32Array,
  down: Float32Array,
  { outputs, inputs, r, scale }: { outputs: number; inputs: number; r: number; scale: number },
): void {
  const row = new Float64Array(inputs)
  for (let output = 0; output < outputs; output += 1) {
    row.fill(0)
    for (let k = 0; k < r; k += 1) {
      const factor = up[output * r + k]!
      for (let input = 0; input < inputs; input += 1)
        row[input]! += factor * down[k * inputs + input]!
    }
    const start = output * inputs
    for (let input = 0; input < inputs; input += 1) values[start + input]! += scale * row[input]!
  }
}

/** Gives each output's weights the length that DoRA learnt. */
function rescaleRows(values: Float32Array, lengths: Float32Array, inputs: number): void {
  for (const [output, length] of lengths.entries()) {
    const row = values.subarray(output * inputs, (output + 1) * inputs)
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))
    for (let i = 0; i < row.length; i += 1) row[i] = (row[i]! * length) / norm
  }
}

function sizeOf({ shape }: TensorInfo): number {
  return shape.reduce((product, length) => product * length, 1)
}

function misfit(module: string, problem: string): FlocapError {
  return new FlocapError('invalid_model', `The adapter's layer ${module} ${problem}.`, {
    subject: module,
    hint: 'The adapter was trained on another model: give that one with --model.',
  })
}
