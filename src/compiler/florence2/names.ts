// The two published layouts of a Florence-2 checkpoint under one set of names.
//
// Microsoft's remote code and transformers' own class call the same tensors differently. Ours are
// the latter's without their `model.` prefix. Source of the map: transformers'
// convert_florence2_original_pytorch_to_hf.py.

export type Layout = 'microsoft' | 'transformers'

/** What wrappers of PyTorch put before every name: torch.compile and data parallel training. */
const WRAPPERS = /^(?:_orig_mod\.|module\.)+/

export function withoutWrappers(stored: string): string {
  return stored.replace(WRAPPERS, '')
}

/** Which layout a checkpoint with these tensor names has; null when it is neither. */
export function detectLayout(names: Iterable<string>): Layout | null {
  for (const stored of names) {
    const name = withoutWrappers(stored)
    if (name === 'vision_tower.convs.0.proj.weight') return 'microsoft'
    if (/^(?:model\.)?vision_tower\.convs\.0\.conv\.weight$/.test(name)) return 'transformers'
  }
  return null
}

const MICROSOFT_RULES: readonly (readonly [RegExp, string])[] = [
  [/^(vision_tower\.convs\.\d+)\.proj\./, '$1.conv.'],
  [/\.(conv[12])\.fn\.dw\./, '.$1.'],
  [/\.(?:window|channel)_attn\.norm\./, '.norm1.'],
  [/\.((?:window|channel)_attn)\.fn\./, '.$1.'],
  [/\.ffn\.norm\./, '.norm2.'],
  [/\.ffn\.fn\.net\./, '.ffn.'],
  // A bare parameter there, applied as x @ W: the transpose of a linear layer's weight.
  [/^image_projection$/, 'multi_modal_projector.image_projection'],
  [/^image_proj_norm\./, 'multi_modal_projector.image_proj_norm.'],
  [/^image_pos_embed\./, 'multi_modal_projector.image_position_embed.'],
  [/^visual_temporal_embed\./, 'multi_modal_projector.visual_temporal_embed.'],
  [/^language_model\.lm_head\./, 'lm_head.'],
  [/^language_model\.model\./, 'language_model.'],
]

/** The name under which the compiler looks a stored tensor up. */
export function canonicalName(layout: Layout, stored: string): string {
  const plain = withoutWrappers(stored)
  if (layout === 'transformers') return plain.replace(/^model\./, '')
  return MICROSOFT_RULES.reduce((name, [pattern, to]) => name.replace(pattern, to), plain)
}
