"""Florence-2 as the community's ONNX exports see it: a direct PyTorch transcription of Microsoft's
code, traced operator by operator. Module names are those of the native checkpoint, so that its tensors
load without a map."""

import torch
from torch import nn
from torch.nn import functional as F

NEGATIVE = torch.finfo(torch.float32).min


class ConvEmbed(nn.Module):
    def __init__(self, before, dim, patch, stride, padding, prenorm):
        super().__init__()
        self.conv = nn.Conv2d(before, dim, patch, stride, padding)
        self.norm = nn.LayerNorm(before if prenorm else dim)
        self.prenorm = prenorm

    def forward(self, x):
        if self.prenorm:
            x = self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        x = self.conv(x)
        return x if self.prenorm else self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Attention(nn.Module):
    """Weights of one attention half; spatial and channel attention differ in what they attend over."""

    def __init__(self, dim):
        super().__init__()
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)


class Mlp(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.fc1 = nn.Linear(dim, 4 * dim)
        self.fc2 = nn.Linear(4 * dim, dim)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, dim, heads, window):
        super().__init__()
        self.conv1 = nn.Conv2d(dim, dim, 3, padding=1, groups=dim)
        self.norm1 = nn.LayerNorm(dim)
        self.conv2 = nn.Conv2d(dim, dim, 3, padding=1, groups=dim)
        self.norm2 = nn.LayerNorm(dim)
        self.ffn = Mlp(dim)
        self.heads, self.window = heads, window

    def forward(self, x):
        batch, dim, height, width = x.shape
        x = x + self.conv1(x)
        tokens = x.flatten(2).transpose(1, 2)
        tokens = tokens + self.attend(self.norm1(tokens), height, width)
        x = tokens.transpose(1, 2).view(batch, dim, height, width)
        x = x + self.conv2(x)
        tokens = x.flatten(2).transpose(1, 2)
        tokens = tokens + self.ffn(self.norm2(tokens))
        return tokens.transpose(1, 2).view(batch, dim, height, width)


class SpatialBlock(Block):
    def __init__(self, dim, heads, window):
        super().__init__(dim, heads, window)
        self.window_attn = Attention(dim)

    def attend(self, tokens, height, width):
        batch, _, dim = tokens.shape
        size, heads = self.window, self.heads
        x = tokens.view(batch, height // size, size, width // size, size, dim)
        x = x.permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, size * size, dim)
        count, area, _ = x.shape
        q, k, v = self.window_attn.qkv(x).view(count, area, 3, heads, dim // heads).permute(2, 0, 3, 1, 4).unbind(0)
        weights = ((q * (dim // heads) ** -0.5) @ k.transpose(-2, -1)).softmax(-1)
        x = self.window_attn.proj((weights @ v).transpose(1, 2).reshape(count, area, dim))
        x = x.view(batch, height // size, width // size, size, size, dim).permute(0, 1, 3, 2, 4, 5)
        return x.contiguous().view(batch, height * width, dim)


class ChannelBlock(Block):
    def __init__(self, dim, groups, window):
        super().__init__(dim, groups, window)
        self.channel_attn = Attention(dim)

    def attend(self, tokens, height, width):
        batch, count, dim = tokens.shape
        groups = self.heads
        qkv = self.channel_attn.qkv(tokens).view(batch, count, 3, groups, dim // groups)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        weights = ((q * count**-0.5).transpose(-1, -2) @ k).softmax(-1)
        x = (weights @ v.transpose(-1, -2)).transpose(-1, -2)
        return self.channel_attn.proj(x.transpose(1, 2).reshape(batch, count, dim))


class Stage(nn.Module):
    def __init__(self, dim, heads, window):
        super().__init__()
        self.spatial_block = SpatialBlock(dim, heads, window)
        self.channel_block = ChannelBlock(dim, heads, window)

    def forward(self, x):
        return self.channel_block(self.spatial_block(x))


class PositionEmbedding2D(nn.Module):
    def __init__(self, positions, channels):
        super().__init__()
        self.row_embeddings = nn.Embedding(positions, channels // 2)
        self.column_embeddings = nn.Embedding(positions, channels // 2)


class Projector(nn.Module):
    def __init__(self, channels, width, positions):
        super().__init__()
        self.image_projection = nn.Linear(channels, width, bias=False)
        self.image_proj_norm = nn.LayerNorm(width)
        self.image_position_embed = PositionEmbedding2D(positions, channels)

    def forward(self, x):
        batch, channels, height, width = x.shape
        columns = self.image_position_embed.column_embeddings(torch.arange(width))
        rows = self.image_position_embed.row_embeddings(torch.arange(height))
        positions = torch.cat([columns[None].repeat(height, 1, 1), rows[:, None].repeat(1, width, 1)], -1)
        # The first frame's temporal embedding: sin 0 on even channels, cos 0 on odd ones.
        temporal = torch.tensor([0.0, 1.0]).repeat(channels // 2)
        x = x.permute(0, 2, 3, 1) + positions + temporal
        x = x.reshape(batch, height * width, channels)
        x = torch.cat([x.mean(1, keepdim=True), x], 1)
        return self.image_proj_norm(self.image_projection(x))


class VisionEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        vision = config["vision_config"]
        dims = vision["embed_dim"]
        self.vision_tower = nn.Module()
        self.vision_tower.convs = nn.ModuleList(
            ConvEmbed(([3] + dims)[i], dims[i], *(vision[f"patch_{name}"][i] for name in ("size", "stride", "padding", "prenorm")))
            for i in range(len(dims))
        )
        self.vision_tower.blocks = nn.ModuleList(
            nn.ModuleList(Stage(dim, heads, vision["window_size"]) for _ in range(depth))
            for dim, heads, depth in zip(dims, vision["num_heads"], vision["depths"])
        )
        self.multi_modal_projector = Projector(dims[-1], vision["projection_dim"], vision["max_position_embeddings"])

    def forward(self, pixel_values):
        x = pixel_values
        for conv, blocks in zip(self.vision_tower.convs, self.vision_tower.blocks):
            x = conv(x)
            for block in blocks:
                x = block(x)
        return self.multi_modal_projector(x)


class BartAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            setattr(self, name, nn.Linear(width, width))

    def split(self, x):
        return x.view(x.shape[0], -1, self.heads, x.shape[2] // self.heads).transpose(1, 2).contiguous()

    def forward(self, x, source=None, mask=None, past=None):
        """`source` and `past`: cross-attention whose cache is complete."""
        batch, length, width = x.shape
        q = self.split(self.q_proj(x) * (width // self.heads) ** -0.5)
        if source is not None and past is not None:
            k, v = past
        else:
            k, v = self.split(self.k_proj(x if source is None else source)), self.split(self.v_proj(x if source is None else source))
            if past is not None:
                k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        scores = q @ k.transpose(2, 3)
        if mask is not None:
            scores = scores + mask
        output = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, width)
        return self.out_proj(output), (k, v)


class BartLayer(nn.Module):
    def __init__(self, width, heads, ffn, cross):
        super().__init__()
        self.self_attn = BartAttention(width, heads)
        self.self_attn_layer_norm = nn.LayerNorm(width)
        if cross:
            self.encoder_attn = BartAttention(width, heads)
            self.encoder_attn_layer_norm = nn.LayerNorm(width)
        self.fc1, self.fc2 = nn.Linear(width, ffn), nn.Linear(ffn, width)
        self.final_layer_norm = nn.LayerNorm(width)

    def feed_forward(self, x):
        return self.final_layer_norm(x + self.fc2(F.gelu(self.fc1(x))))


class BartSide(nn.Module):
    def __init__(self, text, side):
        super().__init__()
        width = text["d_model"]
        self.embed_positions = nn.Embedding(text["max_position_embeddings"] + 2, width)
        self.layernorm_embedding = nn.LayerNorm(width)
        self.layers = nn.ModuleList(
            BartLayer(width, text[f"{side}_attention_heads"], text[f"{side}_ffn_dim"], side == "decoder")
            for _ in range(text[f"{side}_layers"])
        )

    def embed(self, embeds, offset):
        positions = torch.arange(offset, offset + embeds.shape[1]) + 2
        return self.layernorm_embedding(embeds + self.embed_positions(positions))


def expand_mask(mask, length):
    inverted = 1.0 - mask[:, None, None, :].expand(mask.shape[0], 1, length, mask.shape[1]).to(torch.float32)
    return inverted.masked_fill(inverted.to(torch.bool), NEGATIVE)


class Encoder(BartSide):
    def __init__(self, config):
        super().__init__(config["text_config"], "encoder")

    def forward(self, attention_mask, inputs_embeds):
        x = self.embed(inputs_embeds, 0)
        mask = expand_mask(attention_mask, inputs_embeds.shape[1])
        for layer in self.layers:
            x = layer.self_attn_layer_norm(x + layer.self_attn(x, mask=mask)[0])
            x = layer.feed_forward(x)
        return x


class Decoder(BartSide):
    def __init__(self, config, embedding):
        super().__init__(config["text_config"], "decoder")
        self.lm_head = nn.Linear(embedding.shape[1], embedding.shape[0], bias=False)
        self.lm_head.weight = nn.Parameter(embedding)

    def forward(self, encoder_attention_mask, encoder_hidden_states, inputs_embeds, *past):
        length = inputs_embeds.shape[1]
        x = self.embed(inputs_embeds, past[0].shape[2] if past else 0)
        cross_mask = expand_mask(encoder_attention_mask, length)
        causal = None
        if not past:
            causal = torch.full((length, length), NEGATIVE)
            causal = causal.masked_fill(torch.arange(length) < (torch.arange(length) + 1).view(length, 1), 0)[None, None]
        caches = []
        for i, layer in enumerate(self.layers):
            known = past[4 * i : 4 * i + 4] if past else None
            attended, own = layer.self_attn(x, mask=causal, past=known and known[:2])
            x = layer.self_attn_layer_norm(x + attended)
            crossed, cross = layer.encoder_attn(x, encoder_hidden_states, cross_mask, known and known[2:])
            x = layer.feed_forward(layer.encoder_attn_layer_norm(x + crossed))
            caches += own if past else own + cross
        return (self.lm_head(x), *caches)
