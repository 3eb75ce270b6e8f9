"""A vision transformer with the names of timm's, written from the papers with plain matrix products: PyTorch 1.13 has no fused attention.

`width`, `depth`, `heads` and 224 x 224 pixels; positions are those of MoCo v3: sines and cosines of a patch's row, then of its column.
"""
import math

import torch
from torch import nn


def positions(rows, columns, width):
    frequency = 10000.0 ** (-torch.arange(width // 4, dtype=torch.float64) / (width // 4))
    row = torch.arange(rows, dtype=torch.float64).repeat_interleave(columns)[:, None] * frequency
    column = torch.arange(columns, dtype=torch.float64).repeat(rows)[:, None] * frequency
    patches = torch.cat([row.sin(), row.cos(), column.sin(), column.cos()], dim=1)
    return torch.cat([torch.zeros(1, width, dtype=torch.float64), patches])[None]


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        query, key, value = self.qkv(x).chunk(3, dim=-1)
        parts = []
        for q, k, v in zip(*(whole.chunk(self.heads, dim=-1) for whole in (query, key, value))):
            parts.append((q @ k.transpose(1, 2) / math.sqrt(q.shape[-1])).softmax(dim=-1) @ v)
        return self.proj(torch.cat(parts, dim=-1))


class Mlp(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        x = self.fc1(x)
        return self.fc2(x * (1 + torch.erf(x / math.sqrt(2))) / 2)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(width, eps=1e-6), Attention(width, heads)
        self.norm2, self.mlp = nn.LayerNorm(width, eps=1e-6), Mlp(width)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self, width, channels):
        super().__init__()
        self.proj = nn.Conv2d(channels, width, 16, stride=16)


class VisionTransformer(nn.Module):
    def __init__(self, width, depth, heads, head=None, channels=3):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(positions(14, 14, width).float(), requires_grad=False)
        self.patch_embed = PatchEmbed(width, channels)
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(depth)))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Identity() if head is None else head

    def forward(self, images, where=None):
        x = self.patch_embed.proj(images)
        where = self.pos_embed if where is None else where
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x.flatten(2).transpose(1, 2)], dim=1) + where
        return self.head(self.norm(self.blocks(x))[:, 0])


def vit_small(head=None):
    return VisionTransformer(384, 12, 12, head)


def vit_base(head=None):
    return VisionTransformer(768, 12, 12, head)


def projector(sizes, last=True):
    """MoCo v3's: linear layers without bias, BatchNorm and ReLU between, a BatchNorm without scale and shift at the end."""
    layers = []
    for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        layers.append(nn.Linear(inputs, outputs, bias=False))
        if i < len(sizes) - 2:
            layers += [nn.BatchNorm1d(outputs), nn.ReLU()]
        elif last:
            layers.append(nn.BatchNorm1d(outputs, affine=False))
    return nn.Sequential(*layers)
