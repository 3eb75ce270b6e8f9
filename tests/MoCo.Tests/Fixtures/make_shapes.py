"""Writes shapes/<architecture>.txt (`key: shape`, in state_dict order) and shapes/counts.json from torchvision."""
import json
from pathlib import Path

from torch import nn
from torchvision import models
from torchvision.models.resnet import Bottleneck, ResNet

from vision_transformer import vit_base, vit_small

FOLDER = Path(__file__).parent / "shapes"
TORCHVISION = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "wide_resnet50_2", "wide_resnet101_2", "convnext_tiny"]


class WidenedResNet50(ResNet):
    """ResNet-50 with every channel count times `factor`, stem and output included (SimCLR's and SwAV's 2× and 4×)."""

    def __init__(self, factor):
        self.factor = factor
        super().__init__(Bottleneck, [3, 4, 6, 3])
        self.conv1 = nn.Conv2d(3, 64 * factor, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64 * factor)
        self.fc = nn.Linear(2048 * factor, 1000)

    def _make_layer(self, block, planes, blocks, stride=1, dilate=False):
        if planes == 64:
            self.inplanes = 64 * self.factor
        return super()._make_layer(block, planes * self.factor, blocks, stride, dilate)


def main():
    FOLDER.mkdir(exist_ok=True)
    makers = {name: getattr(models, name) for name in TORCHVISION}
    makers["resnet50w2"] = lambda: WidenedResNet50(2)
    makers["resnet50w4"] = lambda: WidenedResNet50(4)
    makers["vit_small"] = lambda: vit_small(nn.Linear(384, 1000))
    makers["vit_base"] = lambda: vit_base(nn.Linear(768, 1000))
    counts = {}
    for name, make in makers.items():
        model = make()
        lines = [f"{key}: {'x'.join(map(str, tensor.shape))}" for key, tensor in model.state_dict().items()]
        (FOLDER / f"{name}.txt").write_text("\n".join(lines) + "\n")
        counts[name] = sum(parameter.numel() for parameter in model.parameters())
    (FOLDER / "counts.json").write_text(json.dumps(counts, indent=2) + "\n")


if __name__ == "__main__":
    main()
