// Writes a full-size Florence-2 with random weights: the shapes, sizes and file layout of the real
// one, so that time and memory are the real one's, without a download.
//
// Every branch that is added to the residual stream is scaled down, as training does it. Without that
// a deep random network amplifies every rounding error, and quantising it would look far worse than
// quantising a trained one.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SIZES = {
  base: {
    dims: [128, 256, 512, 1024],
    heads: [4, 8, 16, 32],
    width: 768,
    ffn: 3072,
    layers: 6,
    attentionHeads: 12,
  },
  large: {
    dims: [256, 512, 1024, 2048],
    heads: [8, 16, 32, 64],
    width: 1024,
    ffn: 4096,
    layers: 12,
    attentionHeads: 16,
  },
}
const DEPTHS = [1, 1, 9, 1]
const PATCH = [7, 3, 3, 3]
const IMAGE_SIZE = 768
const WINDOW = 12
const MAP_POSITIONS = 50
const POSITIONS = 1024
const VOCABULARY = 51_289
/** How much smaller a residual branch is than what it is added to. */
const BRANCH_SCALE = 0.1
/**
 * Scores of channel attention are sums over all positions, so random ones would leave its softmax with
 * one channel, and the others with numbers so small that Intel's processors are slow with them. On the
 * real first stage and a photograph no weight is below 1e-20.
 */
const CHANNEL_QKV_SCALE = 0.2
/** Logits of a spread that makes some tokens far more probable than others. */
const EMBEDDING_SCALE = 4

const DEMO = fileURLToPath(new URL('../models/flocap-demo/', import.meta.url))
const TOKENIZER_CONFIG = 'tokenizer_config.json'

function* linear(name, to, from, scale = 1) {
  yield [`${name}.weight`, [to, from], scale / Math.sqrt(from)]
  yield [`${name}.bias`, [to], 0.02]
}

function* norm(name, size) {
  yield [`${name}.weight`, [size], 0]
  yield [`${name}.bias`, [size], 0.02]
}

/** Native names, shapes and standard deviations (0: ones). */
function* tensors({ dims, width, ffn, layers }) {
  for (const [i, dim] of dims.entries()) {
    const before = i === 0 ? 3 : dims[i - 1]
    const conv = `model.vision_tower.convs.${i}`
    yield [
      `${conv}.conv.weight`,
      [dim, before, PATCH[i], PATCH[i]],
      1 / Math.sqrt(before * PATCH[i] ** 2),
    ]
    yield [`${conv}.conv.bias`, [dim], 0.02]
    yield* norm(`${conv}.norm`, i === 0 ? dim : before)
    for (let depth = 0; depth < DEPTHS[i]; depth += 1) {
      for (const [half, attention, qkvScale] of [
        ['spatial_block', 'window_attn', 1],
        ['channel_block', 'channel_attn', CHANNEL_QKV_SCALE],
      ]) {
        const block = `model.vision_tower.blocks.${i}.${depth}.${half}`
        for (const name of ['conv1', 'conv2']) {
          yield [`${block}.${name}.weight`, [dim, 1, 3, 3], BRANCH_SCALE / 3]
          yield [`${block}.${name}.bias`, [dim], 0.02]
        }
        yield* norm(`${block}.norm1`, dim)
        yield* norm(`${block}.norm2`, dim)
        yield* linear(`${block}.${attention}.qkv`, 3 * dim, dim, qkvScale)
        yield* linear(`${block}.${attention}.proj`, dim, dim, BRANCH_SCALE)
        yield* linear(`${block}.ffn.fc1`, 4 * dim, dim)
        yield* linear(`${block}.ffn.fc2`, dim, 4 * dim, BRANCH_SCALE)
      }
    }
  }
  const channels = dims.at(-1)
  const projector = 'model.multi_modal_projector'
  yield [`${projector}.image_projection.weight`, [width, channels], 1 / Math.sqrt(channels)]
  yield* norm(`${projector}.image_proj_norm`, width)
  yield [
    `${projector}.image_position_embed.row_embeddings.weight`,
    [MAP_POSITIONS, channels / 2],
    0.1,
  ]
  yield [
    `${projector}.image_position_embed.column_embeddings.weight`,
    [MAP_POSITIONS, channels / 2],
    0.1,
  ]
  const language = 'model.language_model'
  yield [`${language}.shared.weight`, [VOCABULARY, width], EMBEDDING_SCALE / Math.sqrt(width)]
  for (const side of ['encoder', 'decoder']) {
    yield [`${language}.${side}.embed_positions.weight`, [POSITIONS + 2, width], 0.1]
    yield* norm(`${language}.${side}.layernorm_embedding`, width)
    for (let i = 0; i < layers; i += 1) {
      const layer = `${language}.${side}.layers.${i}`
      for (const attention of side === 'encoder' ? ['self_attn'] : ['self_attn', 'encoder_attn']) {
        for (const name of ['q_proj', 'k_proj', 'v_proj'])
          yield* linear(`${layer}.${attention}.${name}`, width, width)
        yield* linear(`${layer}.${attention}.out_proj`, width, width, BRANCH_SCALE)
        yield* norm(`${layer}.${attention}_layer_norm`, width)
      }
      yield* linear(`${layer}.fc1`, ffn, width)
      yield* linear(`${layer}.fc2`, width, ffn, BRANCH_SCALE)
      yield* norm(`${layer}.final_layer_norm`, width)
    }
  }
}

function config({ dims, heads, width, ffn, layers, attentionHeads }, imageToken) {
  return {
    architectures: ['Florence2ForConditionalGeneration'],
    model_type: 'florence2',
    is_encoder_decoder: true,
    image_token_id: imageToken,
    bos_token_id: 0,
    pad_token_id: 1,
    eos_token_id: 2,
    decoder_start_token_id: 2,
    tie_word_embeddings: true,
    projection_dim: width,
    vision_config: {
      model_type: 'florence_vision',
      in_channels: 3,
      depths: DEPTHS,
      patch_size: PATCH,
      patch_stride: [4, 2, 2, 2],
      patch_padding: [3, 1, 1, 1],
      patch_prenorm: [false, true, true, true],
      embed_dim: dims,
      num_heads: heads,
      num_groups: heads,
      window_size: WINDOW,
      mlp_ratio: 4,
      qkv_bias: true,
      projection_dim: width,
      max_temporal_embeddings: 100,
      max_position_embeddings: MAP_POSITIONS,
    },
    text_config: {
      model_type: 'bart',
      activation_function: 'gelu',
      d_model: width,
      encoder_layers: layers,
      decoder_layers: layers,
      encoder_attention_heads: attentionHeads,
      decoder_attention_heads: attentionHeads,
      encoder_ffn_dim: ffn,
      decoder_ffn_dim: ffn,
      num_hidden_layers: layers,
      max_position_embeddings: POSITIONS,
      vocab_size: VOCABULARY,
      scale_embedding: false,
      bos_token_id: 0,
      pad_token_id: 1,
      eos_token_id: 2,
      decoder_start_token_id: 2,
      forced_bos_token_id: 0,
      forced_eos_token_id: 2,
      num_beams: 3,
      early_stopping: true,
      no_repeat_ngram_size: 3,
      is_encoder_decoder: true,
      tie_word_embeddings: true,
    },
  }
}

/** As Python writes it: transformers refuses a whole number where it expects a float. */
function renderConfig(shape, imageToken) {
  return JSON.stringify(config(shape, imageToken), null, 1).replace(
    '"mlp_ratio": 4,',
    '"mlp_ratio": 4.0,',
  )
}

/**
 * The demo's tokenizer with a word of its own for every other row of the vocabulary: loading takes as
 * long as for the real one, and a text tells all tokens, so that texts can be compared.
 */
function renderTokenizer() {
  const tokenizer = JSON.parse(readFileSync(join(DEMO, 'tokenizer.json'), 'utf8'))
  const { vocab } = tokenizer.model
  // Unless the vocabulary has them too, added tokens are numbered anew behind its end.
  for (const { content, id } of tokenizer.added_tokens) vocab[content] = id
  const taken = new Set(Object.values(vocab))
  for (let id = 0; id < VOCABULARY; id += 1) if (!taken.has(id)) vocab[`Ġt${id}`] = id
  return tokenizer
}

/** Standard normal numbers, enough that repeating them does no harm. */
function createNoise(length) {
  let state = 12_345
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 1) / 4_294_967_297
  }
  return Float32Array.from(
    { length },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  )
}

const NOISE_BITS = 20
/** Every stretch of 2^20 values starts elsewhere: with a plain period rows of the vocabulary were alike. */
const noiseIndex = (at) =>
  (at * 7919 + Math.floor(at / 2 ** NOISE_BITS) * 104_729) & (2 ** NOISE_BITS - 1)

const floatView = new Float32Array(1)
const wordView = new Uint32Array(floatView.buffer)
/** Truncated to float16; values of these sizes neither overflow nor need subnormals below 6e-8. */
function toHalf(value) {
  floatView[0] = value
  const word = wordView[0]
  const exponent = ((word >>> 23) & 0xff) - 112
  if (exponent <= 0) return 0
  return ((word >>> 16) & 0x8000) | (exponent << 10) | ((word >>> 13) & 0x3ff)
}

/**
 * The checkpoint's folder, written on the first call, and again when this file has learnt to write
 * another one.
 */
export function ensureCheckpoint(cache, size) {
  const folder = join(cache, size, 'checkpoint')
  const shape = SIZES[size]
  const tokenizer = renderTokenizer()
  const texts = {
    'config.json': renderConfig(shape, tokenizer.model.vocab['<image>']),
    'tokenizer.json': JSON.stringify(tokenizer),
    // Python's tokenizer reads these two.
    'vocab.json': JSON.stringify(tokenizer.model.vocab),
    'merges.txt': tokenizer.model.merges.map((pair) => `${pair.join(' ')}\n`).join(''),
    // A checkpoint of another version of this file is made again.
    'made-by.mjs': readFileSync(fileURLToPath(import.meta.url), 'utf8'),
  }
  const isCurrent = Object.entries(texts).every(([name, text]) => {
    const file = join(folder, name)
    return existsSync(file) && readFileSync(file, 'utf8') === text
  })
  if (isCurrent) return folder
  const temporary = `${folder}.partial`
  rmSync(temporary, { recursive: true, force: true })
  mkdirSync(temporary, { recursive: true })
  copyFileSync(join(DEMO, TOKENIZER_CONFIG), join(temporary, TOKENIZER_CONFIG))
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(temporary, name), text)
  writeFileSync(
    join(temporary, 'generation_config.json'),
    JSON.stringify({
      bos_token_id: 0,
      eos_token_id: 2,
      pad_token_id: 1,
      decoder_start_token_id: 2,
      forced_bos_token_id: 0,
      forced_eos_token_id: 2,
      no_repeat_ngram_size: 3,
    }),
  )
  writeFileSync(
    join(temporary, 'preprocessor_config.json'),
    JSON.stringify({
      image_processor_type: 'CLIPImageProcessor',
      processor_class: 'Florence2Processor',
      do_resize: true,
      do_center_crop: false,
      do_rescale: true,
      do_normalize: true,
      do_convert_rgb: null,
      resample: 3,
      rescale_factor: 0.00392156862745098,
      size: { height: IMAGE_SIZE, width: IMAGE_SIZE },
      crop_size: { height: IMAGE_SIZE, width: IMAGE_SIZE },
      image_mean: [0.485, 0.456, 0.406],
      image_std: [0.229, 0.224, 0.225],
      image_seq_length: 577,
      tasks_answer_post_processing_type: { '<MORE_DETAILED_CAPTION>': 'pure_text' },
      task_prompts_without_inputs: {
        '<MORE_DETAILED_CAPTION>': 'Describe with a paragraph what is shown in the image.',
      },
      task_prompts_with_input: {},
    }),
  )

  const all = [...tensors(shape)]
  const header = {}
  let offset = 0
  for (const [name, dims] of all) {
    const bytes = 2 * dims.reduce((a, b) => a * b, 1)
    header[name] = { dtype: 'F16', shape: dims, data_offsets: [offset, offset + bytes] }
    offset += bytes
  }
  const json = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  const file = openSync(join(temporary, 'model.safetensors'), 'w')
  writeSync(file, length)
  writeSync(file, json)
  const noise = createNoise(2 ** NOISE_BITS)
  let at = 0
  for (const [, dims, deviation] of all) {
    const values = new Uint16Array(dims.reduce((a, b) => a * b, 1))
    for (let i = 0; i < values.length; i += 1, at += 1)
      values[i] = deviation === 0 ? 0x3c00 : toHalf(noise[noiseIndex(at)] * deviation)
    writeSync(file, new Uint8Array(values.buffer))
  }
  closeSync(file)
  rmSync(folder, { recursive: true, force: true })
  renameSync(temporary, folder)
  return folder
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(
    ensureCheckpoint(
      process.argv[2] ?? join(dirname(DEMO), '..', '.cache', 'bench'),
      process.argv[3] ?? 'base',
    ),
  )
}
