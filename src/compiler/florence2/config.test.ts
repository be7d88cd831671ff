import { describe, expect, it } from 'vitest'
import { caughtError } from '../../../test/support/caught-error.ts'
import { parseFlorence2Config } from './config.ts'

/** Every list that is left out has an entry for each of four stages. */
function edited(part: 'vision_config' | 'text_config', field: string, value: unknown): unknown {
  const config = {
    vision_config: { image_pos_embed: { type: 'learned_abs_2d', max_pos_embeddings: 50 } },
    text_config: {},
  }
  return { ...config, [part]: { ...config[part], [field]: value } }
}

describe('parseFlorence2Config', () => {
  it('takes the defaults of transformers for what is left out', () => {
    const { vision, text } = parseFlorence2Config({}, 'transformers')
    expect(vision.stages.map(({ dim }) => dim)).toEqual([128, 256, 512, 1024])
    expect(vision.windowSize).toBe(12)
    expect(text).toMatchObject({ hiddenSize: 1024, maxPositions: 1024, embeddingScale: 1 })
  })

  it.each([
    ['text_config', 'decoder_layers', 1e9],
    ['text_config', 'encoder_layers', 1e9],
    ['text_config', 'decoder_layers', -1],
    ['text_config', 'decoder_layers', 2.5],
    ['text_config', 'd_model', 1e9],
    ['text_config', 'd_model', Number.MAX_SAFE_INTEGER],
    ['text_config', 'encoder_attention_heads', 0],
    ['text_config', 'decoder_attention_heads', 1e9],
    ['text_config', 'encoder_ffn_dim', 1e12],
    ['text_config', 'decoder_ffn_dim', 0],
    ['text_config', 'max_position_embeddings', 1e9],
    ['text_config', 'hidden_size', 2 ** 40],
    ['vision_config', 'window_size', 1e9],
    ['vision_config', 'window_size', 0],
    ['vision_config', 'depths', [1e9, 1, 1, 1]],
    ['vision_config', 'depths', [1, 1, 1, -1]],
    ['vision_config', 'depths', Array.from({ length: 1000 }, () => 1)],
    ['vision_config', 'embed_dim', [1e9, 1, 1, 1]],
    ['vision_config', 'num_heads', [1, 1, 1, 2 ** 40]],
    ['vision_config', 'num_groups', [0, 1, 1, 1]],
    ['vision_config', 'patch_size', [1e9, 3, 3, 3]],
    ['vision_config', 'patch_stride', [0, 2, 2, 2]],
    ['vision_config', 'patch_padding', [-1, 1, 1, 1]],
    ['vision_config', 'mlp_ratio', 1e9],
    ['vision_config', 'mlp_ratio', 0],
    ['vision_config', 'projection_dim', 1e9],
    ['vision_config', 'max_position_embeddings', 1e9],
    ['vision_config', 'in_channels', 4],
  ] as const)('refuses %s.%s = %j at once, by name', async (part, field, value) => {
    const error = await caughtError(() =>
      parseFlorence2Config(edited(part, field, value), 'transformers'),
    )
    expect(error.code).toBe('invalid_model')
    expect(error.message).toMatch(/^Expected .* for .* of config\.json, got .*\.$/)
    expect(error.subject).toMatch(new RegExp(`^config\\.json: ${part}\\.${field}`))
  })

  it('says what fits and what came', async () => {
    const config = edited('text_config', 'decoder_layers', 1e9)
    const error = await caughtError(() => parseFlorence2Config(config, 'transformers'))
    expect(error.message).toBe(
      'Expected at most 96 for text_config.decoder_layers of config.json, got 1000000000.',
    )
  })

  it.each([null, [], 'text', 7])('refuses %j', async (json) => {
    const error = await caughtError(() => parseFlorence2Config(json, 'microsoft'))
    expect(error.code).toBe('invalid_model')
  })
})
