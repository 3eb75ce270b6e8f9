"""Writes infonce/tau_*.json: the naive InfoNCE loss and its gradient with respect to q, float64."""
from pathlib import Path

import torch
import torch.nn.functional as F

from peers import numbers, write

FOLDER = Path(__file__).parent / "infonce"
N, DIM, K = 6, 16, 40


def main():
    generator = torch.Generator().manual_seed(11)
    q = F.normalize(torch.randn(N, DIM, generator=generator, dtype=torch.float64), dim=1)
    noise = torch.randn(N, DIM, generator=generator, dtype=torch.float64)
    k = F.normalize(q + 0.2 * noise, dim=1)
    queue = F.normalize(torch.randn(DIM, K, generator=generator, dtype=torch.float64), dim=0)
    for temperature in (0.07, 0.2):
        leaf = q.clone().requires_grad_()
        positive, negative = (leaf * k).sum(1, keepdim=True), leaf @ queue
        logits = torch.cat([positive, negative], dim=1) / temperature
        loss = F.cross_entropy(logits, torch.zeros(N, dtype=torch.long))
        loss.backward()
        write(FOLDER / f"tau_{temperature}.json", {
            "temperature": temperature, "dtype": "float64", "q": numbers(q), "k": numbers(k), "queue": numbers(queue),
            "loss": float(loss), "contrast_accuracy": float((logits.argmax(1) == 0).double().mean()),
            "mean_positive_similarity": float(positive.mean()), "mean_negative_similarity": float(negative.mean()),
            "grad_q": numbers(leaf.grad),
        })


if __name__ == "__main__":
    main()
