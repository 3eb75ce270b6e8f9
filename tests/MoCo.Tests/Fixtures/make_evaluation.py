"""Writes evaluation/*.json: a linear probe's weights, kNN accuracies and figures of embeddings, float64."""
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from peers import numbers, sixty_fourths, write

FOLDER = Path(__file__).parent / "evaluation"


def scattered(count, dimension, classes, generator, centres, spread=1.0):
    """Vectors about one centre for each class."""
    labels = torch.randint(0, classes, (count,), generator=generator)
    return centres[labels] + spread * sixty_fourths((count, dimension), generator), labels


def probe(generator):
    """Softmax regression by torch.optim.SGD from zero weights, batches in order, one run a learning rate."""
    count, dimension, classes, batch, epochs, momentum, decay = 40, 6, 7, 16, 3, 0.9, 0.01
    x, y = scattered(count, dimension, classes, generator, sixty_fourths((classes, dimension), generator))
    runs = []
    for rate in (0.05, 0.5, 4.0):
        layer = nn.Linear(dimension, classes).double()
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
        optimizer = torch.optim.SGD(layer.parameters(), lr=rate, momentum=momentum, weight_decay=decay)
        for epoch in range(epochs):
            for group in optimizer.param_groups:
                group["lr"] = rate * (0.1 if epoch == epochs - 1 else 1.0)
            for start in range(0, count, batch):
                loss = F.cross_entropy(layer(x[start:start + batch]), y[start:start + batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        runs.append({"rate": rate, "loss": float(loss), "weight": numbers(layer.weight), "bias": numbers(layer.bias)})
    write(FOLDER / "probe.json", {
        "classes": classes, "batch": batch, "epochs": epochs, "momentum": momentum, "decay": decay,
        "features": numbers(x), "labels": y.tolist(), "runs": runs})


def knn(generator):
    """The weighted vote of the official notebook, with a one-hot matrix and scatter."""
    classes = 7
    centres = sixty_fourths((classes, 8), generator)
    bank, bank_labels = scattered(150, 8, classes, generator, centres, 1.5)
    queries, labels = scattered(60, 8, classes, generator, centres, 1.5)
    similarity = F.normalize(queries, dim=1) @ F.normalize(bank, dim=1).T
    scores = []
    for k in (1, 5, 40, 150):
        for temperature in (0.07, 0.1, 1.0):
            weight, index = similarity.topk(k, dim=1)
            weight = (weight / temperature).exp()
            votes = torch.zeros(len(labels), classes, dtype=torch.float64)
            votes.scatter_add_(1, bank_labels[index], weight)
            order = votes.argsort(dim=1, descending=True, stable=True)
            hits = order == labels[:, None]
            scores.append({"k": k, "temperature": temperature, "correct": int(hits[:, 0].sum()), "in_five": int(hits[:, :5].sum())})
    write(FOLDER / "knn.json", {
        "bank": numbers(bank), "bank_labels": bank_labels.tolist(), "queries": numbers(queries), "labels": labels.tolist(),
        "scores": scores})


def diagnostics(generator):
    x = sixty_fourths((40, 6), generator)
    y = x + sixty_fourths((40, 6), generator) / 4
    a, b = F.normalize(x, dim=1), F.normalize(y, dim=1)
    centred = a - a.mean(0)
    values = torch.linalg.svdvals(centred.T @ centred / len(a))
    p = values / values.sum()

    def rankme(z):
        shares = torch.linalg.svdvals(z)
        shares = shares / shares.sum() + 1e-7
        return float((-(shares * shares.log()).sum()).exp())

    write(FOLDER / "diagnostics.json", {
        "x": numbers(x), "y": numbers(y),
        "alignment": float((a - b).norm(dim=1).pow(2).mean()),
        "uniformity": float(torch.pdist(a).pow(2).mul(-2).exp().mean().log()),
        "singular_values": numbers(values), "effective_rank": float((-(p * p.log()).sum()).exp()),
        "rankme": rankme(a), "rankme_of_five": rankme(x[:5]),
        "deviations": numbers(a.std(0, unbiased=False) * 6 ** 0.5),
        "mean": numbers(a.mean(0)), "deviation": numbers(a.std(0)),
        "positive_similarities": numbers((a * b).sum(1)),
    })


if __name__ == "__main__":
    source = torch.Generator().manual_seed(23)
    probe(source)
    knn(source)
    diagnostics(source)
