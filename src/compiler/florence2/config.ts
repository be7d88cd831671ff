// config.json of a Florence-2 checkpoint, in either of its two dialects, as one typed configuration.
//
// Microsoft's remote code and transformers' own Florence-2 class name a few fields differently
// (`dim_embed` and `embed_dim`, for instance). What we do not implement is refused by name.
import { z } from 'zod'
import { FlocapError } from '../../base/errors.ts'

const count = z.number().int().positive()
const perStage = z.array(count).min(1)

const visionSchema = z
  .object({
    in_channels: count.default(3),
    embed_dim: perStage.optional(),
    dim_embed: perStage.optional(),
    depths: perStage,
    num_heads: perStage,
    num_groups: perStage,
    patch_size: perStage,
    patch_stride: perStage,
    patch_padding: z.array(z.number().int().nonnegative()),
    patch_prenorm: z.array(z.boolean()),
    window_size: count,
    mlp_ratio: z.number().positive().default(4),
    qkv_bias: z.literal(true).default(true),
    projection_dim: count,
    max_position_embeddings: count.optional(),
    image_pos_embed: z
      .object({ type: z.literal('learned_abs_2d'), max_pos_embeddings: count })
      .optional(),
    visual_temporal_embedding: z.object({ type: z.literal('COSINE') }).optional(),
    image_feature_source: z
      .tuple([z.literal('spatial_avg_pool'), z.literal('temporal_avg_pool')])
      .optional(),
  })
  .transform((vision, context) => {
    const embedDims = vision.embed_dim ?? vision.dim_embed
    const maxPositions =
      vision.max_position_embeddings ?? vision.image_pos_embed?.max_pos_embeddings
    if (!embedDims) context.addIssue('has neither embed_dim nor dim_embed')
    if (!maxPositions) context.addIssue('has no number of 2-D positions')
    if (!embedDims || !maxPositions) return z.NEVER
    return {
      inChannels: vision.in_channels,
      stages: embedDims.map((dim, i) => ({
        dim,
        /** Channels that come in. */
        inputDim: i === 0 ? vision.in_channels : embedDims[i - 1]!,
        depth: vision.depths[i]!,
        heads: vision.num_heads[i]!,
        groups: vision.num_groups[i]!,
        patchSize: vision.patch_size[i]!,
        stride: vision.patch_stride[i]!,
        padding: vision.patch_padding[i]!,
        /** LayerNorm before the convolution, over its input channels, instead of after it. */
        prenorm: vision.patch_prenorm[i]!,
        ffnDim: Math.trunc(dim * vision.mlp_ratio),
      })),
      windowSize: vision.window_size,
      projectionDim: vision.projection_dim,
      /** Rows and columns that the learned 2-D position tables have. */
      maxPositions,
    }
  })

const textSchema = z
  .object({
    d_model: count,
    encoder_layers: count,
    decoder_layers: count,
    encoder_attention_heads: count,
    decoder_attention_heads: count,
    encoder_ffn_dim: count,
    decoder_ffn_dim: count,
    max_position_embeddings: count,
    activation_function: z.literal('gelu').default('gelu'),
    scale_embedding: z.literal(false).default(false),
    normalize_before: z.literal(false).default(false),
    add_final_layer_norm: z.literal(false).default(false),
    bos_token_id: z.number().int().default(0),
    pad_token_id: z.number().int().default(1),
    eos_token_id: z.number().int().default(2),
    // Some fine-tunes lost this field; every published model starts with 2.
    decoder_start_token_id: z.number().int().nullish(),
    forced_bos_token_id: z.number().int().nullish(),
    forced_eos_token_id: z.number().int().nullish(),
  })
  .transform((text) => ({
    hiddenSize: text.d_model,
    encoder: {
      layers: text.encoder_layers,
      heads: text.encoder_attention_heads,
      ffnDim: text.encoder_ffn_dim,
    },
    decoder: {
      layers: text.decoder_layers,
      heads: text.decoder_attention_heads,
      ffnDim: text.decoder_ffn_dim,
    },
    maxPositions: text.max_position_embeddings,
    tokens: {
      bos: text.bos_token_id,
      pad: text.pad_token_id,
      eos: text.eos_token_id,
      decoderStart: text.decoder_start_token_id ?? text.eos_token_id,
      forcedBos: text.forced_bos_token_id ?? null,
      forcedEos: text.forced_eos_token_id ?? null,
    },
  }))

const configSchema = z.object({ vision_config: visionSchema, text_config: textSchema })

export interface Florence2Config {
  readonly vision: z.output<typeof visionSchema>
  readonly text: z.output<typeof textSchema>
}
export type VisionConfig = Florence2Config['vision']
export type StageConfig = VisionConfig['stages'][number]
export type TextConfig = Florence2Config['text']
export type TransformerConfig = TextConfig['encoder']

/** @throws FlocapError `invalid_model` naming the field of config.json that is missing or not supported. */
export function parseFlorence2Config(json: unknown): Florence2Config {
  const config = configSchema.safeParse(json)
  if (!config.success) {
    const issue = config.error.issues[0]
    const field = issue?.path.join('.') || 'config.json'
    throw new FlocapError(
      'invalid_model',
      `config.json is not that of a Florence-2 model FloCap can run: ${field}: ${issue?.message}.`,
      { subject: field, cause: config.error },
    )
  }
  const { vision_config: vision, text_config: text } = config.data
  for (const stage of vision.stages) {
    for (const [name, value] of Object.entries(stage)) {
      if (value === undefined) {
        throw new FlocapError(
          'invalid_model',
          `config.json: vision_config has fewer entries of ${name} than stages.`,
        )
      }
    }
  }
  if (vision.projectionDim !== text.hiddenSize) {
    throw new FlocapError(
      'invalid_model',
      `config.json: vision_config.projection_dim ${vision.projectionDim} and ` +
        `text_config.d_model ${text.hiddenSize} must be equal.`,
    )
  }
  return { vision, text }
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
