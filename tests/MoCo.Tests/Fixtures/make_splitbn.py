"""Writes splitbn/split<n>.json: output, gradients and running statistics of the notebook's split batch norm, float64."""
from pathlib import Path

import torch

from peers import SplitBatchNorm, numbers, sixty_fourths, write

FOLDER = Path(__file__).parent / "splitbn"


def main():
    for splits in (1, 2, 4):
        generator = torch.Generator().manual_seed(7)
        x = sixty_fourths((8, 3, 4, 4), generator).requires_grad_()
        upstream = sixty_fourths((8, 3, 4, 4), generator)
        norm = SplitBatchNorm(3, splits).double()
        with torch.no_grad():
            norm.weight.copy_(1 + sixty_fourths((3,), generator, -32, 33))
            norm.bias.copy_(sixty_fourths((3,), generator, -32, 33))
            norm.running_mean.copy_(sixty_fourths((3,), generator, -32, 33))
            norm.running_var.copy_(1 + sixty_fourths((3,), generator, -32, 33))
        before = {key: numbers(value) for key, value in norm.state_dict().items() if "num_batches" not in key}
        y = norm(x)
        y.backward(upstream)
        after = {key: numbers(getattr(norm, key)) for key in ("running_mean", "running_var")}
        norm.eval()
        write(FOLDER / f"split{splits}.json", {
            "setup": {"splits": splits, "eps": norm.eps, "momentum": norm.momentum, "dtype": "float64"},
            "before": before, "x": numbers(x), "y": numbers(y), "grad_y": numbers(upstream), "grad_x": numbers(x.grad),
            "grad_weight": numbers(norm.weight.grad), "grad_bias": numbers(norm.bias.grad), "after": after,
            "y_eval_after": numbers(norm(x)),
        })


if __name__ == "__main__":
    main()
