"""Writes resnet/*.json: torchvision's logits for weights and images that a formula gives, so that none are stored.

u(i, t), in -1..1, is fmix32 of murmur hash 3 in 32-bit unsigned arithmetic, the same in every language:
    x = i + t * 0x9E3779B9;  x ^= x >> 16;  x *= 0x85EBCA6B;  x ^= x >> 13;  x *= 0xC2B2AE35;  x ^= x >> 16
    u = x / 2^31 - 1, in float64
Element i (row-major) of tensor number t of the state_dict (counted from 0, num_batches_tracked included) is,
computed in float64 and rounded to float32:
    convolution and fc weights        u * 2 / sqrt(elements / first dimension)
    batch norm weights, running_var   1 + 0.1 * u
    biases, running_mean              0.1 * u
    num_batches_tracked               0
    a ConvNeXt's layer_scale          0.3 * u
Element i of the images is u(i, 1000) + sin(0.013 * i).
"""
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torchvision import models

from peers import numbers, write

FOLDER = Path(__file__).parent / "resnet"


def u(count, t):
    x = np.arange(count, dtype=np.uint32) + np.uint32(t * 0x9E3779B9 & 0xFFFFFFFF)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> np.uint32(13)
    x *= np.uint32(0xC2B2AE35)
    x ^= x >> np.uint32(16)
    return x / 2.0**31 - 1


def fill(model):
    with torch.no_grad():
        for t, (key, tensor) in enumerate(model.state_dict().items()):
            if key.endswith("num_batches_tracked"):
                tensor.zero_()
                continue
            value = u(tensor.numel(), t)
            if key.endswith("layer_scale"):
                value = 0.3 * value
            elif tensor.dim() > 1:
                value = value * 2 / np.sqrt(tensor.numel() / tensor.shape[0])
            elif key.endswith("bias") or key.endswith("running_mean"):
                value = 0.1 * value
            else:
                value = 1 + 0.1 * value
            tensor.copy_(torch.from_numpy(value.astype(np.float32)).view_as(tensor))


def images(shape):
    count = int(np.prod(shape))
    values = u(count, 1000) + np.sin(0.013 * np.arange(count))
    return torch.from_numpy(values.astype(np.float32)).view(shape)


def small_stem(model):
    model.conv1 = nn.Conv2d(3, 64, 3, stride=1, padding=1, bias=False)
    model.maxpool = nn.Identity()
    return model


def main():
    # Sizes that leave the last stage enough values per channel for batch norm to be well-conditioned in train mode.
    cases = {"resnet18": (models.resnet18, (4, 3, 64, 64)), "resnet50": (models.resnet50, (4, 3, 64, 64)),
             "resnet18_small_stem": (lambda: small_stem(models.resnet18()), (4, 3, 32, 32))}
    for name, (make, shape) in cases.items():
        views = images(shape)
        content, logits = {"input": shape}, {}
        for dtype in (torch.float64, torch.float32):
            model = make()
            fill(model)
            model = model.to(dtype)
            with torch.no_grad():
                logits[dtype] = {"eval": model.eval()(views.to(dtype)), "train": model.train()(views.to(dtype))}
        for mode in ("eval", "train"):
            exact, single = logits[torch.float64][mode], logits[torch.float32][mode]
            difference = float((exact - single).abs().max())
            print(f"{name} {mode}: logits {exact.min():.3f}..{exact.max():.3f}, "
                  f"std between images {exact.std(0).mean():.3f}, float32 differs by at most {difference:.2e}")
            content[mode] = numbers(exact.float())
            content[f"{mode}_float32_difference"] = difference
        content["bn1_running_mean_after_train"] = numbers(model.bn1.running_mean)
        content["bn1_running_var_after_train"] = numbers(model.bn1.running_var)
        content["layer4_1_bn2_running_var_after_train"] = numbers(model.layer4[1].bn2.running_var)
        write(FOLDER / f"{name}.json", content)


if __name__ == "__main__":
    main()
