// Which tensors a Florence-2 checkpoint holds, by native names.
//
// The twin of tools/python/oracle/tensors.py.
import type { Florence2Shapes } from './florence2-shapes.ts'
import type { PortableTensor, TensorRole } from './portable-weights.ts'

export interface HeadOptions {
  /** The file has an `lm_head` of its own beside `shared`. */
  readonly untiedHead: boolean
  /** The file has `final_logits_bias`. */
  readonly logitsBias: boolean
}

/**
 * Every tensor of a checkpoint, by native names and shapes. The tied copies of `shared.weight` are
 * left out, as safetensors files leave them out.
 */
export function listTensors(shapes: Florence2Shapes, head: HeadOptions): PortableTensor[] {
  const { text } = shapes
  const tensors = [...visionTensors(shapes.vision), ...projectorTensors(shapes.vision)]
  const language = 'model.language_model'
  tensors.push(tensor(`${language}.shared.weight`, [text.rows, text.width], 'embedding'))
  for (const side of ['encoder', 'decoder'] as const) {
    const prefix = `${language}.${side}`
    const positions = [text.positions + 2, text.width]
    tensors.push(
      tensor(`${prefix}.embed_positions.weight`, positions, 'position'),
      ...norm(`${prefix}.layernorm_embedding`, text.width),
    )
    for (let layer = 0; layer < text[side].layers; layer += 1) {
      tensors.push(...bartLayer(`${prefix}.layers.${layer}`, side, text.width, text[side].ffn))
    }
  }
  if (head.untiedHead) tensors.push(tensor('lm_head.weight', [text.rows, text.width], 'embedding'))
  if (head.logitsBias) tensors.push(tensor('final_logits_bias', [1, text.rows], 'logits_bias'))
  return tensors
}

function visionTensors(vision: Florence2Shapes['vision']): PortableTensor[] {
  return vision.dims.flatMap((channels, stage) => {
    const before = stage === 0 ? vision.inChannels : vision.dims[stage - 1]!
    const kernel = vision.patchSizes[stage]!
    const conv = `model.vision_tower.convs.${stage}`
    const tensors = [
      ...linear(`${conv}.conv`, [channels, before, kernel, kernel], 'conv'),
      ...norm(`${conv}.norm`, vision.patchPrenorm[stage] ? before : channels),
    ]
    const hidden = Math.trunc(channels * vision.mlpRatio)
    for (let depth = 0; depth < vision.depths[stage]!; depth += 1) {
      const block = `model.vision_tower.blocks.${stage}.${depth}`
      tensors.push(
        ...visionBlock(`${block}.spatial_block`, 'window_attn', channels, hidden),
        ...visionBlock(`${block}.channel_block`, 'channel_attn', channels, hidden),
      )
    }
    return tensors
  })
}

function visionBlock(
  prefix: string,
  kind: 'window_attn' | 'channel_attn',
  channels: number,
  hidden: number,
): PortableTensor[] {
  return [
    ...linear(`${prefix}.conv1`, [channels, 1, 3, 3], 'depthwise'),
    ...norm(`${prefix}.norm1`, channels),
    ...linear(`${prefix}.${kind}.qkv`, [3 * channels, channels], `${kind}_qkv`),
    ...linear(`${prefix}.${kind}.proj`, [channels, channels], 'vision_out'),
    ...linear(`${prefix}.conv2`, [channels, 1, 3, 3], 'depthwise'),
    ...norm(`${prefix}.norm2`, channels),
    ...linear(`${prefix}.ffn.fc1`, [hidden, channels], 'vision_fc1'),
    ...linear(`${prefix}.ffn.fc2`, [channels, hidden], 'vision_out'),
  ]
}

function projectorTensors(vision: Florence2Shapes['vision']): PortableTensor[] {
  const channels = vision.dims.at(-1)!
  const half = Math.floor(channels / 2)
  const prefix = 'model.multi_modal_projector'
  const position = `${prefix}.image_position_embed`
  const side = vision.mapPositions
  return [
    tensor(`${prefix}.image_projection.weight`, [vision.projection, channels], 'projection'),
    ...norm(`${prefix}.image_proj_norm`, vision.projection),
    tensor(`${position}.row_embeddings.weight`, [side, half], 'map_position'),
    tensor(`${position}.column_embeddings.weight`, [side, channels - half], 'map_position'),
    tensor(
      `${prefix}.visual_temporal_embed.pos_idx_to_embed`,
      [vision.temporalPositions, channels],
      'temporal',
    ),
  ]
}

function bartLayer(
  prefix: string,
  side: 'encoder' | 'decoder',
  width: number,
  ffn: number,
): PortableTensor[] {
  const crossAttention =
    side === 'decoder'
      ? [
          ...attention(`${prefix}.encoder_attn`, width, 'encoder_attn_qk'),
          ...norm(`${prefix}.encoder_attn_layer_norm`, width),
        ]
      : []
  return [
    ...attention(`${prefix}.self_attn`, width, 'self_attn_qk'),
    ...norm(`${prefix}.self_attn_layer_norm`, width),
    ...crossAttention,
    ...linear(`${prefix}.fc1`, [ffn, width], 'text_fc1'),
    ...linear(`${prefix}.fc2`, [width, ffn], 'text_out'),
    ...norm(`${prefix}.final_layer_norm`, width),
  ]
}

function attention(prefix: string, width: number, queryAndKey: TensorRole): PortableTensor[] {
  const square = [width, width]
  return [
    ...linear(`${prefix}.k_proj`, square, queryAndKey),
    ...linear(`${prefix}.v_proj`, square, 'text_v'),
    ...linear(`${prefix}.q_proj`, square, queryAndKey),
    ...linear(`${prefix}.out_proj`, square, 'text_out'),
  ]
}

function linear(prefix: string, shape: readonly number[], role: TensorRole): PortableTensor[] {
  return [tensor(`${prefix}.weight`, shape, role), tensor(`${prefix}.bias`, [shape[0]!], 'bias')]
}

function norm(prefix: string, size: number): PortableTensor[] {
  return [
    tensor(`${prefix}.weight`, [size], 'norm_weight'),
    tensor(`${prefix}.bias`, [size], 'bias'),
  ]
}

function tensor(name: string, shape: readonly number[], role: TensorRole): PortableTensor {
  return { name, shape, role }
}
