"""Florence-2 as a trainable network, under the native names of its checkpoints.

`state_dict()` of `Florence2` is what `models/flocap-demo/model.safetensors` holds, name by name.
The library's own class would do too; this one keeps pictures as [batch, height, width, channels]
throughout, which trains half as fast again on a CPU. `export.py` holds the two together.

Shapes: B pictures, H x W maps, C channels, T tokens, D the width of the language model.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bart import BOS, EOS, PAD

POSITION_OFFSET = 2
"""BART's position tables begin with two rows that nothing reads."""

MASKED = -1e4
"""Added to a score that must not count; representable in bfloat16 sums without overflow."""


class Mlp(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(channels, 4 * channels)
        self.fc2 = nn.Linear(4 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class FusedAttention(nn.Module):
    """The weights that window and channel attention share."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)


def attend(query: Tensor, key: Tensor, value: Tensor, scale: float) -> Tensor:
    """[groups, rows, width] each."""
    scores = torch.bmm(query * scale, key.transpose(1, 2))
    return torch.bmm(torch.softmax(scores, -1), value)


class Block(nn.Module):
    """Four residual steps: depthwise convolution, attention, depthwise convolution, MLP."""

    def __init__(self, channels: int, heads: int, window: int | None) -> None:
        super().__init__()
        self.heads = heads
        self.window = window
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.norm1 = nn.LayerNorm(channels)
        name = "window_attn" if window else "channel_attn"
        setattr(self, name, FusedAttention(channels))
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.norm2 = nn.LayerNorm(channels)
        self.ffn = Mlp(channels)

    def forward(self, x: Tensor) -> Tensor:  # [B, H, W, C]
        x = x + convolve(self.conv1, x)
        normed = self.norm1(x)
        x = x + (self.within_windows(normed) if self.window else self.across_channels(normed))
        x = x + convolve(self.conv2, x)
        return x + self.ffn(self.norm2(x))

    def within_windows(self, x: Tensor) -> Tensor:
        side, heads = self.window, self.heads
        batch, height, width, channels = x.shape
        rows, columns = height // side, width // side
        if rows * side != height or columns * side != width:
            raise ValueError(f"a map of {height}x{width} does not divide into windows of {side}")
        x = x.view(batch, rows, side, columns, side, channels).transpose(2, 3)
        x = x.reshape(-1, side * side, channels)
        qkv = self.window_attn.qkv(x).view(-1, side * side, 3, heads, channels // heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4).reshape(3, -1, side * side, channels // heads)
        x = attend(query, key, value, (channels // heads) ** -0.5)
        x = x.view(-1, heads, side * side, channels // heads).transpose(1, 2)
        x = self.window_attn.proj(x.reshape(-1, side * side, channels))
        x = x.view(batch, rows, columns, side, side, channels).transpose(2, 3)
        return x.reshape(batch, height, width, channels)

    def across_channels(self, x: Tensor) -> Tensor:
        batch, height, width, channels = x.shape
        tokens, group = height * width, channels // self.heads
        qkv = self.channel_attn.qkv(x.view(batch, tokens, channels))
        qkv = qkv.view(batch, tokens, 3, self.heads, group).permute(2, 0, 3, 4, 1)
        query, key, value = qkv.reshape(3, -1, group, tokens)
        x = attend(query, key, value, tokens**-0.5).view(batch, channels, tokens)
        return self.channel_attn.proj(x.transpose(1, 2)).view(batch, height, width, channels)


def convolve(layer: nn.Conv2d, x: Tensor) -> Tensor:
    """A convolution of [B, H, W, C]; the permutations only rename axes."""
    return layer(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


class Stage(nn.Module):
    def __init__(self, channels: int, heads: int, groups: int, window: int) -> None:
        super().__init__()
        self.spatial_block = Block(channels, heads, window)
        self.channel_block = Block(channels, groups, None)

    def forward(self, x: Tensor) -> Tensor:
        return self.channel_block(self.spatial_block(x))


class PatchEmbedding(nn.Module):
    def __init__(self, inputs: int, outputs: int, patch: int, stride: int, padding: int, prenorm: bool) -> None:
        super().__init__()
        self.prenorm = prenorm
        self.conv = nn.Conv2d(inputs, outputs, patch, stride, padding)
        self.norm = nn.LayerNorm(inputs if prenorm else outputs)

    def forward(self, x: Tensor) -> Tensor:
        if self.prenorm:
            return convolve(self.conv, self.norm(x))
        return self.norm(convolve(self.conv, x))


class Davit(nn.Module):
    def __init__(self, vision: dict) -> None:
        super().__init__()
        widths = [vision["in_channels"], *vision["embed_dim"]]
        self.convs = nn.ModuleList(
            PatchEmbedding(
                widths[i],
                widths[i + 1],
                vision["patch_size"][i],
                vision["patch_stride"][i],
                vision["patch_padding"][i],
                vision["patch_prenorm"][i],
            )
            for i in range(len(vision["embed_dim"]))
        )
        self.blocks = nn.ModuleList(
            nn.ModuleList(
                Stage(
                    vision["embed_dim"][i],
                    vision["num_heads"][i],
                    vision["num_groups"][i],
                    vision["window_size"],
                )
                for _ in range(depth)
            )
            for i, depth in enumerate(vision["depths"])
        )

    def forward(self, pixels: Tensor) -> Tensor:
        """[B, 3, side, side], normalised, to the last map [B, H, W, C]."""
        x = pixels.permute(0, 2, 3, 1)
        for embed, stages in zip(self.convs, self.blocks):
            x = embed(x)
            for stage in stages:
                x = stage(x)
        return x


class PositionEmbedding2d(nn.Module):
    """Columns in the first half of the channels, rows in the second."""

    def __init__(self, positions: int, channels: int) -> None:
        super().__init__()
        self.row_embeddings = nn.Embedding(positions, channels // 2)
        self.column_embeddings = nn.Embedding(positions, channels - channels // 2)

    def forward(self, height: int, width: int) -> Tensor:
        columns = self.column_embeddings.weight[:width][None].expand(height, width, -1)
        rows = self.row_embeddings.weight[:height][:, None].expand(height, width, -1)
        return torch.cat([columns, rows], -1)


class TemporalEmbedding(nn.Module):
    def __init__(self, positions: int, channels: int) -> None:
        super().__init__()
        position = torch.arange(positions).float()[:, None]
        frequency = torch.exp(torch.arange(0, channels, 2).float() * (-math.log(10000.0) / channels))
        table = torch.zeros(positions, channels)
        table[:, 0::2] = torch.sin(position * frequency)
        table[:, 1::2] = torch.cos(position * frequency)
        self.register_buffer("pos_idx_to_embed", table)


class Projector(nn.Module):
    def __init__(self, vision: dict) -> None:
        super().__init__()
        channels, width = vision["embed_dim"][-1], vision["projection_dim"]
        self.image_projection = nn.Linear(channels, width, bias=False)
        self.image_proj_norm = nn.LayerNorm(width)
        self.image_position_embed = PositionEmbedding2d(vision["max_position_embeddings"], channels)
        self.visual_temporal_embed = TemporalEmbedding(vision["max_temporal_embeddings"], channels)

    def forward(self, x: Tensor) -> Tensor:
        """[B, H, W, C] to [B, 1 + H*W, D]: the mean first, then the map in reading order."""
        batch, height, width, channels = x.shape
        x = x + self.image_position_embed(height, width) + self.visual_temporal_embed.pos_idx_to_embed[0]
        x = x.reshape(batch, height * width, channels)
        x = torch.cat([x.mean(1, keepdim=True), x], 1)
        return self.image_proj_norm(self.image_projection(x))


class Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.k_proj = nn.Linear(width, width)
        self.v_proj = nn.Linear(width, width)
        self.q_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def split(self, x: Tensor) -> Tensor:  # [B, T, D] to [B, heads, T, D / heads]
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def keys_and_values(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.split(self.k_proj(x)), self.split(self.v_proj(x))

    def forward(self, x: Tensor, memory: tuple[Tensor, Tensor], mask: Tensor | None) -> Tensor:
        key, value = memory
        answer = F.scaled_dot_product_attention(self.split(self.q_proj(x)), key, value, mask)
        return self.out_proj(answer.transpose(1, 2).flatten(2))


class EncoderLayer(nn.Module):
    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.self_attn = Attention(width, heads)
        self.self_attn_layer_norm = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)
        self.final_layer_norm = nn.LayerNorm(width)

    def feed_forward(self, x: Tensor) -> Tensor:
        return self.final_layer_norm(x + self.fc2(F.gelu(self.fc1(x))))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        x = self.self_attn_layer_norm(x + self.self_attn(x, self.self_attn.keys_and_values(x), mask))
        return self.feed_forward(x)


class DecoderLayer(EncoderLayer):
    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__(width, heads, hidden)
        self.encoder_attn = Attention(width, heads)
        self.encoder_attn_layer_norm = nn.LayerNorm(width)

    def forward(
        self,
        x: Tensor,
        past: tuple[Tensor, Tensor],
        causal: Tensor | None,
        memory: tuple[Tensor, Tensor],
        mask: Tensor,
    ) -> Tensor:
        x = self.self_attn_layer_norm(x + self.self_attn(x, past, causal))
        x = self.encoder_attn_layer_norm(x + self.encoder_attn(x, memory, mask))
        return self.feed_forward(x)


class Coder(nn.Module):
    """One side of BART: positions, layers and the norm over the embeddings."""

    def __init__(self, width: int, positions: int, layers: list[nn.Module]) -> None:
        super().__init__()
        self.embed_positions = nn.Embedding(positions + POSITION_OFFSET, width)
        self.layers = nn.ModuleList(layers)
        self.layernorm_embedding = nn.LayerNorm(width)

    def embed(self, x: Tensor, first: int = 0) -> Tensor:
        start = first + POSITION_OFFSET
        return self.layernorm_embedding(x + self.embed_positions.weight[start : start + x.shape[1]])


class Bart(nn.Module):
    def __init__(self, text: dict) -> None:
        super().__init__()
        width, positions = text["d_model"], text["max_position_embeddings"]
        self.shared = nn.Embedding(text["vocab_size"], width)
        self.encoder = Coder(
            width,
            positions,
            [
                EncoderLayer(width, text["encoder_attention_heads"], text["encoder_ffn_dim"])
                for _ in range(text["encoder_layers"])
            ],
        )
        self.decoder = Coder(
            width,
            positions,
            [
                DecoderLayer(width, text["decoder_attention_heads"], text["decoder_ffn_dim"])
                for _ in range(text["decoder_layers"])
            ],
        )


class Parts(nn.Module):
    def __init__(self, config: dict) -> None:
        super().__init__()
        self.vision_tower = Davit(config["vision_config"])
        self.multi_modal_projector = Projector(config["vision_config"])
        self.language_model = Bart(config["text_config"])


class Florence2(nn.Module):
    def __init__(self, config: dict) -> None:
        super().__init__()
        self.model = Parts(config)

    def image_map(self, pixels: Tensor) -> Tensor:
        return self.model.vision_tower(pixels)

    def image_tokens(self, image_map: Tensor) -> Tensor:
        return self.model.multi_modal_projector(image_map)

    def encode(self, image_tokens: Tensor, prompts: Tensor) -> tuple[Tensor, Tensor]:
        """Prompts [B, T], padded with PAD. Gives the encoder's output and its additive mask."""
        bart = self.model.language_model
        x = torch.cat([image_tokens, bart.shared(prompts).to(image_tokens.dtype)], 1)
        padding = F.pad(prompts == PAD, (image_tokens.shape[1], 0))
        mask = torch.zeros_like(padding, dtype=x.dtype).masked_fill_(padding, MASKED)[:, None, None]
        x = bart.encoder.embed(x)
        mask = mask.to(torch.get_autocast_dtype(x.device.type) if autocasts(x) else x.dtype)
        for layer in bart.encoder.layers:
            x = layer(x, mask)
        return x, mask

    def decode(self, encoded: Tensor, mask: Tensor, answers: Tensor) -> Tensor:
        """Teacher forcing: answers [B, T] begin with EOS. Gives hidden states [B, T, D]."""
        bart = self.model.language_model
        length = answers.shape[1]
        causal = torch.full((length, length), MASKED, dtype=mask.dtype, device=mask.device).triu_(1)
        x = bart.decoder.embed(bart.shared(answers))
        for layer in bart.decoder.layers:
            past = layer.self_attn.keys_and_values(x)
            x = layer(x, past, causal, layer.encoder_attn.keys_and_values(encoded), mask)
        return x

    def logits(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.model.language_model.shared.weight)

    @torch.no_grad()
    def greedy(self, image_tokens: Tensor, prompts: Tensor, length: int) -> Tensor:
        """Best next token by token; ids [B, <= length + 1] that begin with the start token EOS."""
        bart = self.model.language_model
        encoded, mask = self.encode(image_tokens, prompts)
        memories = [layer.encoder_attn.keys_and_values(encoded) for layer in bart.decoder.layers]
        pasts: list[tuple[Tensor, Tensor] | None] = [None] * len(memories)
        ids = torch.full((len(prompts), 1), EOS, device=prompts.device)
        ended = torch.zeros(len(prompts), dtype=torch.bool, device=prompts.device)
        for step in range(length):
            x = bart.decoder.embed(bart.shared(ids[:, -1:]), step)
            for index, layer in enumerate(bart.decoder.layers):
                past = layer.self_attn.keys_and_values(x)
                if (before := pasts[index]) is not None:
                    past = (torch.cat([before[0], past[0]], 2), torch.cat([before[1], past[1]], 2))
                pasts[index] = past
                x = layer(x, past, None, memories[index], mask)
            token = self.logits(x[:, 0]).argmax(-1)
            if step == 0:
                token = torch.full_like(token, BOS)  # forced_bos_token_id
            token = token.masked_fill(ended, PAD)
            ids = torch.cat([ids, token[:, None]], 1)
            ended |= token == EOS
            if ended.all():
                break
        return ids


def autocasts(x: Tensor) -> bool:
    return torch.is_autocast_enabled(x.device.type)


def initialise(network: Florence2, locations: slice) -> None:
    """Starts that let a network of this size learn within hours.

    Fan-in weights in the tower: the library's 0.02 is far too small for 32 to 320 channels. Location
    tokens start as a smooth curve, because a thousand unordered classes would each need their own
    examples. Two-dimensional positions start lively, or the language model is blind to place.
    """
    for name, weight in network.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(weight)
        elif "norm" in name:
            nn.init.ones_(weight)
        elif "image_position_embed" in name:
            nn.init.normal_(weight, 0, 0.4)
        elif "embed_positions" in name or "shared" in name:
            nn.init.normal_(weight, 0, 0.02)
        elif "vision_tower" in name and weight.dim() == 4:
            depthwise = weight.shape[1] == 1
            nn.init.normal_(weight, 0, 0.15 if depthwise else weight[0].numel() ** -0.5)
        elif "vision_tower" in name:
            into_residual = ".proj." in name or ".fc2." in name
            nn.init.normal_(weight, 0, (0.5 if into_residual else 1.0) * weight.shape[1] ** -0.5)
        else:
            nn.init.normal_(weight, 0, (0.5 if ".fc2." in name or "out_proj" in name else 1.0) * 0.6 * weight.shape[1] ** -0.5)
    with torch.no_grad():
        shared = network.model.language_model.shared.weight
        count, width = locations.stop - locations.start, shared.shape[1]
        # Similar to about 25 neighbours; as long as any other embedding.
        frequency, phase = torch.randn(width) / 25, torch.rand(width) * 2 * math.pi
        shared[locations] = 0.028 * torch.cos(torch.arange(count)[:, None] * frequency + phase)
