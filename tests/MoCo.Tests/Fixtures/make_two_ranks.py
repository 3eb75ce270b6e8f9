"""Writes two-ranks/*.json: five steps of MoCo on two processes that PyTorch's Gloo and DistributedDataParallel join, in float64.

Each process trains as the official code does on one of two GPUs: rows of all ranks stand one rank after the other, rank 0 draws the
permutation, the keys of all ranks are enqueued in that order, and the gradients are averaged. The batches are dealt as this library
deals them: sample n of the whole batch is row n // 2 of rank n % 2.
"""
import os
import sys
import tempfile
from collections import OrderedDict
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import distributed, multiprocessing, nn
from torch.nn.parallel import DistributedDataParallel

from peers import numbers, sixty_fourths, write

FOLDER = Path(__file__).parent / "two-ranks"
RANKS, BATCH, DIM, K, SIZE, STEPS = 2, 8, 8, 24, 6, 5
SETUP = {"dim": DIM, "K": K, "batch": BATCH, "momentum": 0.9, "temperature": 0.2, "learning_rate": 0.05, "sgd_momentum": 0.9,
         "weight_decay": 1e-3}


def encoder(version):
    head = [nn.Linear(4, DIM)] if version == "v1" else [nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, DIM)]
    return nn.Sequential(OrderedDict(
        conv=nn.Conv2d(1, 4, 3, padding=1, bias=False), bn=nn.BatchNorm2d(4), relu=nn.ReLU(), pool=nn.AdaptiveAvgPool2d(1),
        flatten=nn.Flatten(), fc=nn.Sequential(*head))).double()


def all_rows(rows):
    """Rank 0's rows, then rank 1's."""
    parts = [torch.empty_like(rows) for _ in range(RANKS)]
    distributed.all_gather(parts, rows.contiguous())
    return torch.cat(parts)


def own_rows(rows):
    return rows.chunk(RANKS)[distributed.get_rank()]


class Contrast(nn.Module):
    """A module whose forward pass is a step up to the logits, with all that it changes: f_k, and the queue as a buffer."""

    def __init__(self, version, start, queue):
        super().__init__()
        self.encoder_q, self.encoder_k = encoder(version), encoder(version)
        for network in (self.encoder_q, self.encoder_k):
            network.load_state_dict(start, strict=False)
        self.encoder_k.requires_grad_(False)
        self.register_buffer("queue", queue.clone())
        self.register_buffer("queue_ptr", torch.zeros(1, dtype=torch.long))

    def forward(self, x_q, x_k, drawn):
        q = F.normalize(self.encoder_q(x_q), dim=1)
        with torch.no_grad():
            for theta_q, theta_k in zip(self.encoder_q.parameters(), self.encoder_k.parameters()):
                theta_k.mul_(SETUP["momentum"]).add_(theta_q, alpha=1 - SETUP["momentum"])
            k = self.shuffled_keys(x_k, drawn)
        positive = (q * k).sum(1, keepdim=True)
        logits = torch.cat([positive, q @ self.queue.clone()], dim=1) / SETUP["temperature"]
        self.enqueue(all_rows(k))
        return logits

    def shuffled_keys(self, x_k, drawn):
        permutation = drawn.clone() if distributed.get_rank() == 0 else torch.empty_like(drawn)
        distributed.broadcast(permutation, src=0)
        seen = all_rows(x_k)[own_rows(permutation)]
        keys = all_rows(F.normalize(self.encoder_k(seen), dim=1))
        return own_rows(keys[permutation.argsort()])

    @torch.no_grad()
    def enqueue(self, keys):
        assert K % len(keys) == 0
        pointer = int(self.queue_ptr)
        self.queue[:, pointer:pointer + len(keys)] = keys.t()
        self.queue_ptr.fill_((pointer + len(keys)) % K)


def make_start(version, generator):
    weights = OrderedDict((name, sixty_fourths(value.shape, generator, -32, 33))
                          for name, value in encoder(version).named_parameters())
    weights["bn.weight"] += 1
    return weights, F.normalize(torch.randn(DIM, K, generator=generator, dtype=torch.float64), dim=0)


def make_step(generator):
    x_q = sixty_fourths((BATCH, 1, SIZE, SIZE), generator)
    # The second view resembles the first, so that there is something to learn.
    x_k = x_q + sixty_fourths(x_q.shape, generator, -16, 17)
    return {"x_q": x_q, "x_k": x_k, "permutation": torch.randperm(BATCH, generator=generator)}


def train(rank, meeting, path, version, seed):
    """One rank's process; rank 0 writes what came of it."""
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=RANKS)
    generator = torch.Generator().manual_seed(seed)
    start, queue = make_start(version, generator)
    steps = [make_step(generator) for _ in range(STEPS)]

    model = DistributedDataParallel(Contrast(version, start, queue))
    optimizer = torch.optim.SGD(model.parameters(), SETUP["learning_rate"], momentum=SETUP["sgd_momentum"],
                                weight_decay=SETUP["weight_decay"])
    records = []
    for step in steps:
        logits = model(step["x_q"][rank::RANKS], step["x_k"][rank::RANKS], step["permutation"])
        loss = F.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.long))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        records.append({"losses": all_rows(loss.detach().view(1)).tolist()})
    for value in [*model.parameters(), model.module.queue]:
        first, second = all_rows(value.detach().unsqueeze(0))
        assert first.equal(second), "the ranks have parted"
    if rank == 0:
        own = model.module
        write(Path(path), {
            "setup": SETUP,
            "initial": {**{name: numbers(value) for name, value in start.items()}, "queue": numbers(queue)},
            "inputs": [{name: numbers(value) for name, value in step.items()} for step in steps],
            "steps": records,
            "final": {"queue": numbers(own.queue), "queue_ptr": int(own.queue_ptr),
                      **{name: {key: numbers(value) for key, value in getattr(own, name).state_dict().items() if "num_batches" not in key}
                         for name in ("encoder_q", "encoder_k")}},
        })
    distributed.barrier()
    # Not by returning: a group that is destroyed waits, with Python's lock, for its thread, and that may be waiting for the lock to free
    # the last call's tensors.
    os._exit(0)


def main(folder=FOLDER):
    # Both processes are on this machine, whatever its name resolves to.
    if Path("/sys/class/net/lo").exists():
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    for version, seed in ("v1", 1), ("v2", 11):  # with 11 every unit of the head's hidden layer is alive
        with tempfile.TemporaryDirectory() as meeting:
            path = Path(folder) / f"{version}.json"
            multiprocessing.spawn(train, (f"file://{meeting}/ranks", str(path), version, seed), RANKS)


if __name__ == "__main__":
    main(*sys.argv[1:])
