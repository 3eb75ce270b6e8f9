"""Writes optimizers/*.json: ten steps of PyTorch's SGD and AdamW and of the published LARS formula, float64."""
from pathlib import Path

import torch

from peers import numbers, sixty_fourths, write

FOLDER = Path(__file__).parent / "optimizers"
SHAPES = {"conv.weight": (3, 2, 3, 3), "conv.bias": (3,), "fc.weight": (2, 3), "fc.bias": (2,), "still.weight": (2, 2)}
STEPS, FROZEN = 10, {"fc.weight": (3, 4, 5)}  # in these steps fc.weight has no gradient


class Lars:
    """You, Gitman and Ginsburg 2017, Algorithm 1, with the momentum behind the scaling; vectors are neither scaled nor decayed."""

    def __init__(self, parameters, momentum, weight_decay, trust):
        self.parameters, self.momentum, self.decay, self.trust = list(parameters), momentum, weight_decay, trust
        self.velocity = [torch.zeros_like(p) for p in self.parameters]

    def step(self, rate):
        for p, v in zip(self.parameters, self.velocity):
            if p.grad is None:
                continue
            update = p.grad.clone()
            if p.dim() > 1:
                update += self.decay * p.detach()
                length, slope = float(p.detach().norm()), float(update.norm())
                if length > 0 and slope > 0:
                    update *= self.trust * length / slope
            v.copy_(self.momentum * v + update)
            p.data -= rate * v


class Torch:
    def __init__(self, optimizer):
        self.optimizer = optimizer

    def step(self, rate):
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()


def make(name, rate, optimizer):
    generator = torch.Generator().manual_seed(29)
    parameters = {key: sixty_fourths(shape, generator).requires_grad_() for key, shape in SHAPES.items()}
    parameters["still.weight"].data.zero_()
    begin = {key: numbers(p) for key, p in parameters.items()}
    peer, steps = optimizer(parameters), []
    for step in range(STEPS):
        gradients = {key: sixty_fourths(shape, generator) for key, shape in SHAPES.items()}
        if step == 0:
            gradients["still.weight"].zero_()
        for key, p in parameters.items():
            p.grad = None if step in FROZEN.get(key, ()) else gradients[key].clone()
        peer.step(rate / (step + 1))
        steps.append({"rate": rate / (step + 1), "frozen": [key for key in FROZEN if step in FROZEN[key]],
                      "gradients": {key: numbers(g) for key, g in gradients.items()},
                      "after": {key: numbers(p) for key, p in parameters.items()} if step in (0, 6, STEPS - 1) else None})
    write(FOLDER / f"{name}.json", {"begin": begin, "steps": steps})


def groups(parameters, decay):
    vectors = [p for p in parameters.values() if p.dim() <= 1]
    return [{"params": [p for p in parameters.values() if p.dim() > 1], "weight_decay": decay},
            {"params": vectors, "weight_decay": 0}]


make("sgd", 0.1, lambda p: Torch(torch.optim.SGD(p.values(), 0.1, momentum=0.9, weight_decay=0.1)))
make("nesterov", 0.1, lambda p: Torch(torch.optim.SGD(groups(p, 0.1), 0.1, momentum=0.9, nesterov=True)))
make("adamw", 0.1, lambda p: Torch(torch.optim.AdamW(p.values(), 0.1, betas=(0.9, 0.95), eps=1e-6, weight_decay=0.1)))
make("adamw_weights_only", 0.1, lambda p: Torch(torch.optim.AdamW(groups(p, 0.1), 0.1, betas=(0.9, 0.999), eps=1e-8)))
make("lars", 2.0, lambda p: Lars(p.values(), 0.9, 0.1, 0.01))
