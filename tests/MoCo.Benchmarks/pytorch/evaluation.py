#!/usr/bin/env python3
"""Times a linear probe and kNN on random features in memory, in plain PyTorch, and writes one line of JSON.

    python3 evaluation.py --rows 60000 --queries 10000 --dim 512 --classes 10 --epochs 2 --threads 2 --seconds 20

The probe trains one nn.Linear for each of twelve learning rates in one pass over the data, as codes that sweep the rate do;
kNN is the official notebook's: similarities of a block of queries, topk, weighted one-hot votes.
"""
import argparse
import json
import resource
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn

RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300]
BATCH, HELD_OUT, K, TEMPERATURE, QUERY_BLOCK = 256, 0.1, 200, 0.1, 512
FEWEST_RUNS, ENOUGH_WARM_UP = 3, 3


def features(options, count, seed):
    """Vectors about one centre for each class: far enough apart to be told, not all."""
    centres = torch.randn(options.classes, options.dim, generator=torch.Generator().manual_seed(0))
    own = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, options.classes, (count,), generator=own)
    return (torch.randn(count, options.dim, generator=own) * 3 + centres[labels]).relu(), labels


def train(x, y, rates, options):
    """Linear classifiers by SGD, all of them on the same batches: a tenth of the rate after 60 and 80 % of the epochs."""
    heads = [nn.Linear(options.dim, options.classes) for _ in rates]
    for head in heads:
        nn.init.normal_(head.weight, std=0.01)
        nn.init.zeros_(head.bias)
    groups = [{"params": head.parameters(), "lr": rate} for head, rate in zip(heads, rates)]
    optimizer = torch.optim.SGD(groups, momentum=0.9, weight_decay=0)
    for epoch in range(options.epochs):
        factor = 0.01 if epoch >= 0.8 * options.epochs else 0.1 if epoch >= 0.6 * options.epochs else 1
        for group, rate in zip(optimizer.param_groups, rates):
            group["lr"] = rate * factor
        for index in torch.randperm(len(x)).split(BATCH):
            batch, labels = x[index], y[index]
            loss = sum(F.cross_entropy(head(batch), labels) for head in heads)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return heads


@torch.no_grad()
def top1(head, x, y):
    return (head(x).argmax(1) == y).float().mean().item()


def probe(x, y, test_x, test_y, options):
    order = torch.randperm(len(x))
    held_out, kept = order[:int(HELD_OUT * len(x))], order[int(HELD_OUT * len(x)):]
    heads = train(x[kept], y[kept], RATES, options)
    scores = [top1(head, x[held_out], y[held_out]) for head in heads]
    best = RATES[scores.index(max(scores))]
    head, = train(x, y, [best], options)
    return top1(head, test_x, test_y), best


@torch.no_grad()
def knn(x, y, test_x, test_y, options):
    bank, correct = F.normalize(x, dim=1).t().contiguous(), 0
    for block, labels in zip(test_x.split(QUERY_BLOCK), test_y.split(QUERY_BLOCK)):
        similarity = torch.mm(F.normalize(block, dim=1), bank)
        weight, index = similarity.topk(K, dim=1)
        weight = (weight / TEMPERATURE).exp()
        neighbours = y.expand(len(block), -1).gather(1, index)
        one_hot = torch.zeros(len(block) * K, options.classes).scatter_(1, neighbours.view(-1, 1), 1.0)
        votes = (one_hot.view(len(block), K, options.classes) * weight.unsqueeze(2)).sum(1)
        correct += (votes.argmax(1) == labels).sum().item()
    return correct / len(test_x)


def measure(options):
    data = (*features(options, options.rows, 1), *features(options, options.queries, 2))
    result, functions = {}, {"linear_probe": probe, "knn": knn}
    durations, processor = ({name: [] for name in functions} for _ in range(2))

    def run(name):
        start, start_processor = time.perf_counter(), time.process_time()
        result[name + "_found"] = functions[name](*data, options)
        processor[name].append((time.process_time() - start_processor) * 1000)
        return (time.perf_counter() - start) * 1000

    for name in functions:
        if run(name) < ENOUGH_WARM_UP * 1000:
            run(name)
    end = time.perf_counter() + options.seconds
    while len(durations["knn"]) < FEWEST_RUNS or time.perf_counter() < end:
        for name in functions:
            durations[name].append(run(name))
    (probe_top1, rate), knn_top1 = result["linear_probe_found"], result["knn_found"]
    return {**{name: round(statistics.median(times), 2) for name, times in durations.items()},
            **{name + "_cpu": round(statistics.median(times), 2) for name, times in processor.items()},
            "probe_top1": round(probe_top1, 4), "probe_rate": rate, "knn_top1": round(knn_top1, 4),
            "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "torch_version": torch.__version__, "threads": torch.get_num_threads(), "iterations": len(durations["knn"])}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("rows", 60000), ("queries", 10000), ("dim", 512), ("classes", 10), ("epochs", 2)):
        parser.add_argument(f"--{name}", type=int, default=default, metavar="N", help=f"(default: {default})")
    parser.add_argument("--threads", type=int, metavar="N", help="libtorch's threads (default: its own choice)")
    parser.add_argument("--seconds", type=float, default=20, metavar="S", help="time after the warm-up, about (default: 20)")
    parser.add_argument("--json", metavar="FILE", default="-", help="where to write the line, - for standard output (default)")
    options = parser.parse_args()
    torch.manual_seed(0)
    if options.threads:
        torch.set_num_threads(options.threads)
    line = json.dumps(measure(options))
    if options.json == "-":
        print(line)
        return
    with open(options.json, "w", encoding="utf-8") as file:
        file.write(line + "\n")


if __name__ == "__main__":
    main()
