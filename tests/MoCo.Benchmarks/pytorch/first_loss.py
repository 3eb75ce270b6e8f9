#!/usr/bin/env python3
"""The first step's loss in plain PyTorch from a checkpoint of the official code's form and a batch.

    python3 first_loss.py resnet18 imagenet weights.pth.tar batch.pth
"""
import sys
from types import SimpleNamespace

import torch
import torch.nn.functional as F

from moco import MoCo


def main():
    arch, stem, weights, batch = sys.argv[1:]
    state = torch.load(weights, map_location="cpu")["state_dict"]
    dim, queue = state["module.queue"].shape
    moco = MoCo(SimpleNamespace(arch=arch, stem=stem, dim=dim, queue=queue, mlp=False, momentum=0.999, temperature=0.07,
                                device="cpu", channels_last=False, bf16=False, compile=False))
    for name, encoder in ("encoder_q", moco.encoder_q), ("encoder_k", moco.encoder_k):
        start = f"module.{name}."
        encoder.load_state_dict({key[len(start):]: value for key, value in state.items() if key.startswith(start)})
    moco.queue.copy_(state["module.queue"])
    batch = torch.load(batch)
    with torch.no_grad():
        q = F.normalize(moco.encode(moco.encoder_q, batch["query"]), dim=1)
        print(moco.loss(q, moco.keys(batch["key"])).item())


if __name__ == "__main__":
    main()
