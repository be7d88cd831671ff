// config.json of a Florence-2 checkpoint, in either of its two dialects, as one typed configuration.
//
// Microsoft's remote code and transformers' own Florence-2 class name a few fields differently
// (`dim_embed` and `embed_dim`, for instance) and have other defaults for fields that are left out;
// the weights' layout says which of the two a checkpoint belongs to. What we do not implement is
// refused by name, and so is every number that no model has: see limits.ts.
import { z } from 'zod'
import { invalidField, parseModelFields } from '../../base/model-fields.ts'
import { ACTIVATIONS, type Activation } from './activations.ts'
import {
  channelCount,
  depthCount,
  headCount,
  hiddenWidth,
  layerCount,
  mapPositions,
  MAX_STAGES,
  mlpRatio,
  patchSide,
  patchStride,
  textPositions,
  windowSide,
} from './limits.ts'
import type { Layout } from './names.ts'

function perStage<T extends z.ZodType>(entry: T): z.ZodArray<T> {
  return z.array(entry).min(1).max(MAX_STAGES)
}

const activation = z.enum(ACTIVATIONS)

const sharedVisionFields = {
  // Pictures have three channels: red, green, blue.
  in_channels: z.literal(3).default(3),
  depths: perStage(depthCount).default([1, 1, 9, 1]),
  patch_size: perStage(patchSide).default([7, 3, 3, 3]),
  patch_stride: perStage(patchStride).default([4, 2, 2, 2]),
  patch_padding: perStage(patchSide.or(z.literal(0))).default([3, 1, 1, 1]),
  patch_prenorm: perStage(z.boolean()).default([false, true, true, true]),
  window_size: windowSide.default(12),
  projection_dim: hiddenWidth.default(1024),
}

/** Defaults: `Florence2VisionConfig` of transformers. */
const nativeVisionSchema = z.object({
  ...sharedVisionFields,
  embed_dim: perStage(channelCount).default([128, 256, 512, 1024]),
  num_heads: perStage(headCount).default([4, 8, 16, 32]),
  num_groups: perStage(headCount).default([4, 8, 16, 32]),
  mlp_ratio: mlpRatio.default(4),
  qkv_bias: z.boolean().default(true),
  activation_function: activation.default('gelu'),
  max_position_embeddings: mapPositions.default(50),
})

/** What the language model may read of a picture, in Microsoft's words. */
const FEATURE_SOURCES = ['spatial_avg_pool', 'temporal_avg_pool', 'last_frame'] as const
export type FeatureSource = (typeof FEATURE_SOURCES)[number]

/** Defaults: `Florence2VisionConfig` of Microsoft, whose code has no other activation or bias. */
const microsoftVisionSchema = z.object({
  ...sharedVisionFields,
  dim_embed: perStage(channelCount).default([256, 512, 1024, 2048]),
  num_heads: perStage(headCount).default([8, 16, 32, 64]),
  num_groups: perStage(headCount).default([8, 16, 32, 64]),
  image_pos_embed: z.object({
    type: z.literal('learned_abs_2d'),
    max_pos_embeddings: mapPositions,
  }),
  visual_temporal_embedding: z.object({ type: z.literal('COSINE') }),
  image_feature_source: z
    .array(z.enum(FEATURE_SOURCES))
    .min(1)
    .max(FEATURE_SOURCES.length)
    .default(['spatial_avg_pool', 'temporal_avg_pool']),
})

/** Defaults: `BartConfig` of transformers, which Microsoft's `Florence2LanguageConfig` shares. */
const textSchema = z.object({
  model_type: z.enum(['bart', 'florence2_language']).default('bart'),
  d_model: hiddenWidth.optional(),
  /** transformers' other name of d_model. */
  hidden_size: hiddenWidth.optional(),
  encoder_layers: layerCount.default(12),
  decoder_layers: layerCount.default(12),
  encoder_attention_heads: headCount.default(16),
  decoder_attention_heads: headCount.default(16),
  encoder_ffn_dim: channelCount.default(4096),
  decoder_ffn_dim: channelCount.default(4096),
  max_position_embeddings: textPositions.default(1024),
  activation_function: activation.default('gelu'),
  scale_embedding: z.boolean().nullish(),
  // Neither implementation looks at normalize_before and add_final_layer_norm any more.
})
const DEFAULT_WIDTH = 1024

export interface StageConfig {
  readonly dim: number
  /** Channels that come in. */
  readonly inputDim: number
  readonly depth: number
  readonly heads: number
  readonly groups: number
  readonly patchSize: number
  readonly stride: number
  readonly padding: number
  /** LayerNorm before the convolution, over its input channels, instead of after it. */
  readonly prenorm: boolean
  readonly ffnDim: number
  readonly qkvBias: boolean
  readonly activation: Activation
}

export interface VisionConfig {
  readonly stages: readonly StageConfig[]
  readonly windowSize: number
  readonly projectionDim: number
  /** Rows and columns that the learned 2-D position tables have. */
  readonly maxPositions: number
  readonly featureSources: readonly FeatureSource[]
}

export interface TransformerConfig {
  readonly layers: number
  readonly heads: number
  readonly ffnDim: number
  readonly activation: Activation
}

export interface TextConfig {
  readonly hiddenSize: number
  readonly encoder: TransformerConfig
  readonly decoder: TransformerConfig
  readonly maxPositions: number
  /** What a token's embedding is multiplied with. */
  readonly embeddingScale: number
}

export interface Florence2Config {
  readonly vision: VisionConfig
  readonly text: TextConfig
}

const FILE = 'config.json'

/** @throws FlocapError `invalid_model` naming the field of config.json that is missing or not supported. */
export function parseFlorence2Config(json: unknown, layout: Layout): Florence2Config {
  const parts = parse(
    z.object({
      vision_config: z.record(z.string(), z.unknown()).default({}),
      text_config: z.record(z.string(), z.unknown()).default({}),
    }),
    json,
    [],
  )
  const vision = parseVision(parts.vision_config, layout)
  const text = parseText(parts.text_config)
  if (vision.projectionDim !== text.hiddenSize) {
    throw invalidField(
      FILE,
      'vision_config.projection_dim',
      `${text.hiddenSize}, which is text_config.d_model`,
      vision.projectionDim,
    )
  }
  return { vision, text }
}

function parseVision(json: unknown, layout: Layout): VisionConfig {
  if (layout === 'microsoft') {
    const fields = parse(microsoftVisionSchema, json, ['vision_config'])
    const code = { mlp_ratio: 4, qkv_bias: true, activation_function: 'gelu' } as const
    return {
      ...toVision({ ...fields, ...code, embed_dim: fields.dim_embed }),
      maxPositions: fields.image_pos_embed.max_pos_embeddings,
      featureSources: fields.image_feature_source,
    }
  }
  const fields = parse(nativeVisionSchema, json, ['vision_config'])
  return {
    ...toVision(fields),
    maxPositions: fields.max_position_embeddings,
    featureSources: ['spatial_avg_pool', 'temporal_avg_pool'],
  }
}

function toVision(
  fields: Omit<z.output<typeof nativeVisionSchema>, 'max_position_embeddings'>,
): Omit<VisionConfig, 'maxPositions' | 'featureSources'> {
  const { embed_dim: dims } = fields
  const lists = {
    depths: fields.depths,
    num_heads: fields.num_heads,
    num_groups: fields.num_groups,
    patch_size: fields.patch_size,
    patch_stride: fields.patch_stride,
    patch_padding: fields.patch_padding,
    patch_prenorm: fields.patch_prenorm,
  }
  for (const [name, list] of Object.entries(lists)) {
    // More entries than stages mean nothing, but in these two lists transformers refuses them.
    const isExact = name === 'num_heads' || name === 'num_groups'
    if (isExact ? list.length === dims.length : list.length >= dims.length) continue
    throw invalidField(
      FILE,
      `vision_config.${name}`,
      `an entry for each of ${dims.length} stages`,
      list,
    )
  }
  for (const name of ['num_heads', 'num_groups'] as const) {
    const at = dims.findIndex((dim, i) => dim % fields[name][i]! !== 0)
    if (at === -1) continue
    const expected = `a divisor of embed_dim, which is ${dims[at]}`
    throw invalidField(FILE, `vision_config.${name}.${at}`, expected, fields[name][at])
  }
  return {
    stages: dims.map((dim, i) => ({
      dim,
      inputDim: i === 0 ? fields.in_channels : dims[i - 1]!,
      depth: fields.depths[i]!,
      heads: fields.num_heads[i]!,
      groups: fields.num_groups[i]!,
      patchSize: fields.patch_size[i]!,
      stride: fields.patch_stride[i]!,
      padding: fields.patch_padding[i]!,
      prenorm: fields.patch_prenorm[i]!,
      ffnDim: Math.trunc(dim * fields.mlp_ratio),
      qkvBias: fields.qkv_bias,
      activation: fields.activation_function,
    })),
    windowSize: fields.window_size,
    projectionDim: fields.projection_dim,
  }
}

function parseText(json: unknown): TextConfig {
  const fields = parse(textSchema, json, ['text_config'])
  const hiddenSize = fields.d_model ?? fields.hidden_size ?? DEFAULT_WIDTH
  const { activation_function: activationOfBoth } = fields
  const sideOf = (side: 'encoder' | 'decoder'): TransformerConfig => {
    const heads = fields[`${side}_attention_heads`]
    if (hiddenSize % heads !== 0) {
      const expected = `a divisor of d_model, which is ${hiddenSize}`
      throw invalidField(FILE, `text_config.${side}_attention_heads`, expected, heads)
    }
    return {
      layers: fields[`${side}_layers`],
      heads,
      ffnDim: fields[`${side}_ffn_dim`],
      activation: activationOfBoth,
    }
  }
  return {
    hiddenSize,
    encoder: sideOf('encoder'),
    decoder: sideOf('decoder'),
    maxPositions: fields.max_position_embeddings,
    embeddingScale: fields.scale_embedding === true ? Math.sqrt(hiddenSize) : 1,
  }
}

/** @param path where in config.json the value is. */
function parse<T extends z.ZodType>(
  schema: T,
  json: unknown,
  path: readonly string[],
): z.output<T> {
  return parseModelFields(schema, json, { file: FILE, path })
}

/** Side lengths of the square feature map after each stage, for a square picture. */
export function mapSides(vision: VisionConfig, imageSize: number): readonly number[] {
  const sides: number[] = []
  let side = imageSize
  for (const { patchSize, stride, padding } of vision.stages) {
    side = Math.floor((side + 2 * padding - patchSize) / stride) + 1
    sides.push(side)
  }
  return sides
}
