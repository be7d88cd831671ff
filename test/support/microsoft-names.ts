// What Microsoft's remote code calls the tensors of a checkpoint.
//
// Source: the renames of transformers' conversion script, turned round. The twin of `microsoft_name`
// in tools/python/oracle/tensors.py.

/** Applied in this order, each wherever it matches. */
const RENAMES: readonly (readonly [RegExp, string])[] = [
  [/^model\.vision_tower\.convs\.(\d+)\.conv\./, 'vision_tower.convs.$1.proj.'],
  [/^model\.vision_tower\./, 'vision_tower.'],
  [/_block\.conv([12])\./, '_block.conv$1.fn.dw.'],
  [/\.(window_attn|channel_attn)\.(qkv|proj)\./, '.$1.fn.$2.'],
  [/spatial_block\.norm1\./, 'spatial_block.window_attn.norm.'],
  [/channel_block\.norm1\./, 'channel_block.channel_attn.norm.'],
  [/_block\.norm2\./, '_block.ffn.norm.'],
  [/_block\.ffn\.(fc[12])\./, '_block.ffn.fn.net.$1.'],
  [/^model\.multi_modal_projector\.image_projection\.weight$/, 'image_projection'],
  [/^model\.multi_modal_projector\.image_proj_norm\./, 'image_proj_norm.'],
  [/^model\.multi_modal_projector\.image_position_embed\./, 'image_pos_embed.'],
  [/^model\.multi_modal_projector\.visual_temporal_embed\./, 'visual_temporal_embed.'],
  [/^model\.language_model\./, 'language_model.model.'],
  [/^lm_head\./, 'language_model.lm_head.'],
  [/^final_logits_bias$/, 'language_model.final_logits_bias'],
]

/** The name of a native tensor in a file saved by Microsoft's remote code. */
export function toMicrosoftName(native: string): string {
  let name = native
  for (const [pattern, replacement] of RENAMES) name = name.replace(pattern, replacement)
  return name
}

/** `image_projection` is a bare [in, out] matrix there, a Linear weight [out, in] natively. */
export function isTransposedInMicrosoftLayout(native: string): boolean {
  return native === 'model.multi_modal_projector.image_projection.weight'
}
