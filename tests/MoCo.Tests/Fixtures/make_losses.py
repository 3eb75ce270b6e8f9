"""Writes losses/*.json: the losses of MoCo's relatives and their gradients, from the formulas of the papers, float64."""
import math
from pathlib import Path

import torch
import torch.nn.functional as F

from peers import numbers, sixty_fourths, write

FOLDER = Path(__file__).parent / "losses"
N, DIM, K, SAMPLES = 5, 12, 30, 40
GENERATOR = torch.Generator().manual_seed(17)


def unit(*shape):
    return F.normalize(torch.randn(*shape, generator=GENERATOR, dtype=torch.float64), dim=-1)


def leaf(tensor):
    return tensor.clone().requires_grad_()


def nt_xent(a, b, temperature):
    """Chen et al. 2020, "A Simple Framework", Equation 1, over the 2N embeddings."""
    z = torch.cat([a, b])
    count = len(a)
    similarity = F.cosine_similarity(z.unsqueeze(1), z.unsqueeze(0), dim=2) / temperature
    total = 0
    for i in range(2 * count):
        others = torch.cat([similarity[i, :i], similarity[i, i + 1:]])
        total = total - (similarity[i, (i + count) % (2 * count)] - torch.logsumexp(others, 0))
    return total / (2 * count)


def contrast(q, k, temperature):
    """Cross-entropy of q·kᵀ/τ, the own key being the right one."""
    return F.cross_entropy(q @ k.t() / temperature, torch.arange(len(q)))


def info_nce(q, positive, negatives, temperature, more=None):
    logits = [(q * positive).sum(1, keepdim=True), q @ negatives.t()]
    if more is not None:
        logits.append(more)
    logits = torch.cat(logits, 1) / temperature
    return F.cross_entropy(logits, torch.zeros(len(q), dtype=torch.long)), logits


def nce(q, own, drawn, temperature, z):
    """Wu et al. 2018, Equations 4 to 7, with the code's epsilon."""
    noise, epsilon = len(drawn) / SAMPLES, 1e-7
    positive, negative = ((q * own).sum(1) / temperature).exp(), (q @ drawn.t() / temperature).exp()
    if z is None:
        z = float(torch.cat([positive.unsqueeze(1), negative], 1).mean() * SAMPLES)
    positive, negative = positive / z, negative / z
    data = (positive / (positive + noise + epsilon)).log().sum()
    others = (noise / (negative + noise + epsilon)).log().sum()
    return -(data + others) / len(q), z


def end_to_end():
    q, k, temperature = leaf(unit(N, DIM)), leaf(unit(N, DIM)), 0.2
    loss = contrast(q, k, temperature)
    loss.backward()
    write(FOLDER / "end_to_end.json", {
        "temperature": temperature, "q": numbers(q), "k": numbers(k), "loss": float(loss), "grad_q": numbers(q.grad),
        "grad_k": numbers(k.grad)})


def simclr():
    a, b, temperature = leaf(unit(N, DIM)), leaf(unit(N, DIM)), 0.5
    # The gradient of a unit vector's direction alone, as our loss, which takes rows for unit vectors, does not divide by lengths.
    z = torch.cat([a, b])
    similarity = (z @ z.t() / temperature).masked_fill(torch.eye(2 * N, dtype=torch.bool), -math.inf)
    loss = F.cross_entropy(similarity, torch.cat([torch.arange(N, 2 * N), torch.arange(N)]))
    loss.backward()
    assert abs(float(loss - nt_xent(a.detach(), b.detach(), temperature))) < 1e-12
    write(FOLDER / "nt_xent.json", {
        "temperature": temperature, "a": numbers(a), "b": numbers(b), "loss": float(loss), "grad_a": numbers(a.grad),
        "grad_b": numbers(b.grad)})


def memory_bank():
    temperature, z, content = 0.1, None, {"temperature": 0.1, "samples": SAMPLES, "batches": []}
    for _ in range(2):
        q, own, drawn = unit(N, DIM), unit(N, DIM), unit(9, DIM)
        plain, noise = leaf(q), leaf(q)
        loss, _ = info_nce(plain, own, drawn, temperature)
        loss.backward()
        other, z = nce(noise, own, drawn, temperature, z)
        other.backward()
        content["batches"].append({
            "q": numbers(q), "own": numbers(own), "drawn": numbers(drawn), "info_nce": float(loss), "info_nce_grad": numbers(plain.grad),
            "z": z, "nce": float(other), "nce_grad": numbers(noise.grad)})
    write(FOLDER / "memory_bank.json", content)


def mochi():
    """Kalantidis et al. 2020, §4: mixes of two of the hardest keys, and of one with the query; constant, in the softmax."""
    temperature, hardest, pairs, with_query = 0.2, 8, 6, 4
    q, k, queue = leaf(unit(N, DIM)), unit(N, DIM), unit(K, DIM)
    nearest = (q.detach() @ queue.t()).topk(hardest, 1).indices
    first = nearest.gather(1, torch.randint(hardest, (N, pairs), generator=GENERATOR))
    second = nearest.gather(1, torch.randint(hardest, (N, pairs + with_query), generator=GENERATOR))
    share = torch.rand(N, pairs + with_query, generator=GENERATOR, dtype=torch.float64)
    share[:, pairs:] /= 2
    ends = torch.cat([queue[first], q.detach().unsqueeze(1).expand(-1, with_query, -1)], 1)
    points = F.normalize(share.unsqueeze(2) * ends + (1 - share.unsqueeze(2)) * queue[second], dim=2)
    loss, logits = info_nce(q, k, queue, temperature, (points @ q.unsqueeze(2)).squeeze(2))
    loss.backward()
    write(FOLDER / "mochi.json", {
        "temperature": temperature, "hardest": hardest, "q": numbers(q), "k": numbers(k), "queue": numbers(queue),
        "first": numbers(first), "second": numbers(second), "share": numbers(share), "logits": numbers(logits), "loss": float(loss),
        "grad_q": numbers(q.grad)})


def layers(**shapes):
    return {name: leaf(sixty_fourths(shape, GENERATOR)) for name, shape in shapes.items()}


def write_layers(name, content, loss, x1, x2, weights):
    loss.backward()
    write(FOLDER / name, {
        **content, "x1": numbers(x1), "x2": numbers(x2), "loss": float(loss), "grad_x1": numbers(x1.grad), "grad_x2": numbers(x2.grad),
        **{key: numbers(weight) for key, weight in weights.items()},
        **{"grad_" + key: numbers(weight.grad) for key, weight in weights.items()}})


def clustering():
    """Li et al. 2021, Equations 2 to 7, on linear heads: rows, columns, and the entropy of the mean assignments."""
    clusters, tau_rows, tau_columns = 4, 0.5, 1.0
    x1, x2 = leaf(sixty_fourths((N, 6), GENERATOR)), leaf(sixty_fourths((N, 6), GENERATOR))
    weights = layers(instance=(DIM, 6), cluster=(clusters, 6))
    c1, c2 = ((x @ weights["cluster"].t()).softmax(1) for x in (x1, x2))
    rows = nt_xent(x1 @ weights["instance"].t(), x2 @ weights["instance"].t(), tau_rows)
    columns = nt_xent(c1.t(), c2.t(), tau_columns)
    masses = [c.sum(0) / c.sum() for c in (c1, c2)]
    entropy = sum(-(mass * mass.log()).sum() for mass in masses)
    loss = rows + columns - entropy + 2 * math.log(clusters)
    content = {"clusters": clusters, "tau_rows": tau_rows, "tau_columns": tau_columns, "rows": float(rows), "columns": float(columns),
               "entropy": float(entropy)}
    write_layers("clustering.json", content, loss, x1, x2, weights)


def moco_v3():
    """Chen, Xie and He 2021, Algorithm 1, on linear networks: f_k is still the copy of f_q that it starts as."""
    temperature = 0.7
    x1, x2 = leaf(sixty_fourths((N, 6), GENERATOR)), leaf(sixty_fourths((N, 6), GENERATOR))
    weights = layers(base=(DIM, 6), predictor=(DIM, DIM))
    q1, q2 = (F.normalize(x @ weights["base"].t() @ weights["predictor"].t(), dim=1) for x in (x1, x2))
    k1, k2 = (F.normalize(x @ weights["base"].t(), dim=1).detach() for x in (x1, x2))
    loss = 2 * temperature * (contrast(q1, k2, temperature) + contrast(q2, k1, temperature))
    write_layers("mocov3.json", {"temperature": temperature}, loss, x1, x2, weights)


if __name__ == "__main__":
    for make in (end_to_end, simclr, memory_bank, mochi, clustering, moco_v3):
        make()
