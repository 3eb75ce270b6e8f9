"""Writes algorithm1/*.json: five steps of MoCo (Algorithm 1) on a tiny encoder, in float64 and in float32."""
from collections import OrderedDict
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from peers import SplitBatchNorm, numbers, sixty_fourths, write

FOLDER = Path(__file__).parent / "algorithm1"
DIM, K, SIZE, STEPS = 8, 24, 6, 5
SETUP = {"dim": DIM, "K": K, "momentum": 0.99, "temperature": 0.2, "learning_rate": 0.05, "sgd_momentum": 0.9,
         "weight_decay": 1e-4}


class Encoder(nn.Module):
    def __init__(self, splits):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(4) if splits == 1 else SplitBatchNorm(4, splits)
        self.fc = nn.Linear(4, DIM)

    def forward(self, x):
        x = F.relu(self.bn(self.conv(x)))
        return self.fc(x.mean((2, 3)))


def state(encoder):
    # The notebook's split batch norm never counts its batches, so the counter is no fact to check.
    return {key: numbers(value) for key, value in encoder.state_dict().items() if "num_batches" not in key}


def train(dtype, splits, symmetric, start, queue, steps):
    query, key = Encoder(splits).to(dtype), Encoder(splits).to(dtype)
    query.load_state_dict(start, strict=False)
    key.load_state_dict(query.state_dict())
    for parameter in key.parameters():
        parameter.requires_grad = False
    queue, pointer = queue.to(dtype).clone(), 0
    optimizer = torch.optim.SGD(query.parameters(), SETUP["learning_rate"], momentum=SETUP["sgd_momentum"],
                                weight_decay=SETUP["weight_decay"])

    def contrast(x_q, x_k, permutation):
        q = F.normalize(query(x_q), dim=1)
        with torch.no_grad():
            k = F.normalize(key(x_k[permutation]), dim=1)[torch.argsort(permutation)]
        positive = torch.einsum("nc,nc->n", q, k).unsqueeze(-1)
        negative = torch.einsum("nc,ck->nk", q, queue.clone().detach())
        logits = torch.cat([positive, negative], dim=1) / SETUP["temperature"]
        loss = F.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.long))
        return loss, (logits.argmax(1) == 0).to(dtype).mean(), k

    records = []
    for step in steps:
        x_q, x_k = step["x_q"].to(dtype), step["x_k"].to(dtype)
        with torch.no_grad():
            for theta_q, theta_k in zip(query.parameters(), key.parameters()):
                theta_k.copy_(theta_k * SETUP["momentum"] + theta_q * (1 - SETUP["momentum"]))
        loss, accuracy, keys = contrast(x_q, x_k, step["permutation"])
        if symmetric:
            # As in the notebook: the keys of the first crop are enqueued before those of the second.
            other_loss, other_accuracy, other_keys = contrast(x_k, x_q, step["permutation_2"])
            loss, accuracy = (loss + other_loss) / 2, (accuracy + other_accuracy) / 2
            keys = torch.cat([other_keys, keys])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        for row in keys:
            queue[:, pointer] = row
            pointer = (pointer + 1) % K
        records.append({"loss": float(loss.detach()), "contrast_accuracy": float(accuracy), "queue": numbers(queue),
                        "queue_ptr": pointer, "encoder_q": state(query), "encoder_k": state(key)})
    return records


def make(name, batch, splits, symmetric, seed):
    generator = torch.Generator().manual_seed(seed)
    shapes = Encoder(splits).state_dict()
    start = OrderedDict((key, sixty_fourths(shapes[key].shape, generator, -32, 33))
                        for key in ["conv.weight", "bn.weight", "bn.bias", "fc.weight", "fc.bias"])
    start["bn.weight"] += 1
    queue = F.normalize(torch.randn(DIM, K, generator=generator, dtype=torch.float64), dim=0)
    steps = []
    for _ in range(STEPS):
        x_q = sixty_fourths((batch, 1, SIZE, SIZE), generator)
        # The second view resembles the first, so that there is something to learn.
        x_k = x_q + sixty_fourths(x_q.shape, generator, -16, 17)
        step = {"x_q": x_q, "x_k": x_k, "permutation": torch.randperm(batch, generator=generator)}
        if symmetric:
            step["permutation_2"] = torch.randperm(batch, generator=generator)
        steps.append(step)
    write(FOLDER / f"{name}.json", {
        "setup": {**SETUP, "batch": batch, "splits": splits, "symmetric": symmetric, "bn_eps": 1e-5, "bn_momentum": 0.1},
        "initial": {**{key: numbers(value) for key, value in start.items()}, "queue": numbers(queue)},
        "inputs": [{key: numbers(value) for key, value in step.items()} for step in steps],
        "float64": train(torch.float64, splits, symmetric, start, queue, steps),
        "float32": train(torch.float32, splits, symmetric, start, queue, steps),
    })


if __name__ == "__main__":
    make("batch8", 8, 1, False, 1)
    make("batch10", 10, 1, False, 2)
    make("batch8_split2", 8, 2, False, 3)
    make("batch8_symmetric", 8, 1, True, 4)
