"""What several fixture scripts share: the notebook's split batch norm, and numbers as JSON that round-trips."""
import json

import torch
import torch.nn.functional as F
from torch import nn


class SplitBatchNorm(nn.BatchNorm2d):
    """Batch norm over `splits` groups; sample n is in group n mod splits. Running statistics: the mean over the groups."""

    def __init__(self, channels, splits):
        super().__init__(channels)
        self.splits = splits

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        n, c, h, w = x.shape
        mean, variance = self.running_mean.repeat(self.splits), self.running_var.repeat(self.splits)
        grouped = x.contiguous().view(n // self.splits, c * self.splits, h, w)
        y = F.batch_norm(grouped, mean, variance, self.weight.repeat(self.splits), self.bias.repeat(self.splits),
                         True, self.momentum, self.eps).view(n, c, h, w)
        self.running_mean.copy_(mean.view(self.splits, c).mean(0))
        self.running_var.copy_(variance.view(self.splits, c).mean(0))
        return y


def sixty_fourths(shape, generator, low=-64, high=65):
    """Random multiples of 1/64: short to write and the same number in float32 and float64."""
    return torch.randint(low, high, shape, generator=generator).double() / 64


def numbers(tensor):
    """A tensor as {shape, values}: row-major, as many digits as its type needs to come back exactly."""
    tensor = tensor.detach()
    if not tensor.is_floating_point():
        values = tensor.flatten().tolist()
    elif tensor.dtype == torch.float32:
        values = [float(f"{value:.9g}") for value in tensor.flatten().tolist()]
    else:
        values = tensor.flatten().tolist()
    return {"shape": list(tensor.shape), "values": values}


def write(path, content):
    """One line a top-level entry: readable in a diff, and small."""
    path.parent.mkdir(exist_ok=True)
    entries = []
    for key, value in content.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            text = "[\n" + ",\n".join(json.dumps(item, separators=(",", ":")) for item in value) + "\n]"
        else:
            text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        entries.append(f"{json.dumps(key)}: {text}")
    path.write_text("{\n" + ",\n".join(entries) + "\n}\n", encoding="utf-8")
