// The fields of config.json that decide the shapes of a checkpoint, read from either layout.
//
// Kept apart from the product's own config reader, so that a mistake there cannot hide in the tests.
import { z } from 'zod'

/** config.json fields that decide shapes, the same in both layouts once parsed. */
export interface Florence2Shapes {
  readonly vision: {
    readonly inChannels: number
    readonly dims: readonly number[]
    readonly depths: readonly number[]
    readonly patchSizes: readonly number[]
    readonly patchPrenorm: readonly boolean[]
    readonly mlpRatio: number
    readonly projection: number
    readonly mapPositions: number
    readonly temporalPositions: number
  }
  readonly text: {
    readonly width: number
    readonly rows: number
    readonly positions: number
    readonly encoder: { readonly layers: number; readonly ffn: number }
    readonly decoder: { readonly layers: number; readonly ffn: number }
  }
}

const numbers = z.array(z.number().int().positive())

const textConfig = z.object({
  d_model: z.number(),
  vocab_size: z.number(),
  max_position_embeddings: z.number(),
  encoder_layers: z.number(),
  decoder_layers: z.number(),
  encoder_ffn_dim: z.number(),
  decoder_ffn_dim: z.number(),
})

const sharedVisionFields = {
  depths: numbers,
  patch_size: numbers,
  patch_prenorm: z.array(z.boolean()),
  projection_dim: z.number(),
}

const nativeConfig = z.object({
  text_config: textConfig,
  vision_config: z.object({
    ...sharedVisionFields,
    embed_dim: numbers,
    in_channels: z.number(),
    mlp_ratio: z.number(),
    max_position_embeddings: z.number(),
    max_temporal_embeddings: z.number(),
  }),
})

const microsoftConfig = z.object({
  text_config: textConfig,
  vision_config: z.object({
    ...sharedVisionFields,
    dim_embed: numbers,
    image_pos_embed: z.object({ max_pos_embeddings: z.number() }),
    visual_temporal_embedding: z.object({ max_temporal_embeddings: z.number() }),
  }),
})

// Microsoft's config has no field for these: its code fixes them.
const MICROSOFT_IN_CHANNELS = 3
const MICROSOFT_MLP_RATIO = 4

export type Layout = 'native' | 'microsoft'

/** @throws ZodError when a field is missing. */
export function parseShapes(config: unknown, layout: Layout): Florence2Shapes {
  if (layout === 'native') {
    const { text_config: text, vision_config: vision } = nativeConfig.parse(config)
    return {
      text: parseText(text),
      vision: {
        ...parseSharedVision(vision),
        dims: vision.embed_dim,
        inChannels: vision.in_channels,
        mlpRatio: vision.mlp_ratio,
        mapPositions: vision.max_position_embeddings,
        temporalPositions: vision.max_temporal_embeddings,
      },
    }
  }
  const { text_config: text, vision_config: vision } = microsoftConfig.parse(config)
  return {
    text: parseText(text),
    vision: {
      ...parseSharedVision(vision),
      dims: vision.dim_embed,
      inChannels: MICROSOFT_IN_CHANNELS,
      mlpRatio: MICROSOFT_MLP_RATIO,
      mapPositions: vision.image_pos_embed.max_pos_embeddings,
      temporalPositions: vision.visual_temporal_embedding.max_temporal_embeddings,
    },
  }
}

function parseText(text: z.infer<typeof textConfig>): Florence2Shapes['text'] {
  return {
    width: text.d_model,
    rows: text.vocab_size,
    positions: text.max_position_embeddings,
    encoder: { layers: text.encoder_layers, ffn: text.encoder_ffn_dim },
    decoder: { layers: text.decoder_layers, ffn: text.decoder_ffn_dim },
  }
}

function parseSharedVision(vision: z.infer<z.ZodObject<typeof sharedVisionFields>>) {
  return {
    depths: vision.depths,
    patchSizes: vision.patch_size,
    patchPrenorm: vision.patch_prenorm,
    projection: vision.projection_dim,
  }
}
