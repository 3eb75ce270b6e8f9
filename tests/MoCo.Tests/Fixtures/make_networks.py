"""Writes networks/*.json: what networks other than ResNets make of images; weights and images by the formula of make_resnet.py.

`vit.json`: a vision transformer of width 48, 2 blocks and 3 heads, 2 images: of `usual` (224 x 224) with the formula's positions as learnt
ones, and the gradients of the sum of the squares; `stretched` (64 x 96) with the same, stretched as timm's; `computed` (64 x 32) with MoCo v3's.
`convnext_tiny.json`: torchvision's, without its last layer. All in float64, rounded to float32.
"""
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F
from torchvision import models

from make_resnet import fill, images
from peers import numbers, write
from vision_transformer import VisionTransformer, positions

FOLDER = Path(__file__).parent / "networks"


def transformer():
    model = VisionTransformer(48, 2, 3)
    names = list(model.state_dict())
    fill(model)
    model = model.double()
    usual = images((2, 3, 224, 224)).double()
    made = model(usual)
    (made ** 2).sum().backward()
    kept = ["cls_token", "blocks.0.attn.qkv.bias", "blocks.0.norm1.weight", "blocks.1.mlp.fc1.bias", "norm.weight"]
    content = {"names": names, "usual": numbers(made.float()),
               "gradients": {name: numbers(dict(model.named_parameters())[name].grad.float()) for name in kept}}
    with torch.no_grad():
        grid = model.pos_embed[:, 1:].reshape(1, 14, 14, 48).permute(0, 3, 1, 2)
        grid = F.interpolate(grid, size=(4, 6), mode="bicubic", align_corners=False, antialias=True)
        where = torch.cat([model.pos_embed[:, :1], grid.flatten(2).transpose(1, 2)], dim=1)
        content["stretched"] = numbers(model(images((2, 3, 64, 96)).double(), where).float())
        content["computed"] = numbers(model(images((2, 3, 64, 32)).double(), positions(4, 2, 48)).float())
        content["positions"] = numbers(positions(3, 2, 8).float())
    return content


def convnext():
    model = models.convnext_tiny().eval()  # no layer is dropped at random
    names = [name for name in model.state_dict() if not name.startswith("classifier.2")]
    model.classifier[2] = nn.Identity()
    fill(model)
    with torch.no_grad():
        exact, single = model.double()(images((2, 3, 64, 64)).double()), model.float()(images((2, 3, 64, 64)))
    print("float32 differs by", (exact - single).abs().max().item(), "of", exact.abs().max().item())
    return {"names": names, "features": numbers(exact.float())}


def main():
    FOLDER.mkdir(exist_ok=True)
    write(FOLDER / "vit.json", transformer())
    write(FOLDER / "convnext_tiny.json", convnext())


if __name__ == "__main__":
    main()
