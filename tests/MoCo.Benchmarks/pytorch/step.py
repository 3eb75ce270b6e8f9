#!/usr/bin/env python3
"""Times one MoCo training step in plain PyTorch, written the way the official code writes it, and the step's parts.

    python3 step.py --arch resnet18 --batch 128 --size 32 --dim 128 --queue 65536 --threads 2 --seconds 20 --json -

Prints medians in milliseconds. Images are random and already on the device: no loader, no augmentation.
"""
import argparse
import json
import resource
import statistics
import sys
import time

try:
    import torch
    import torch.nn.functional as F

    from moco import MoCo
except ImportError as error:
    torch = None
    IMPORT_ERROR = error

# Each part's share of --seconds. The whole step and the bare network passes are slow and matter most.
SHARES = {"step": 0.35, "forward_backward": 0.35, "info_nce": 0.14, "momentum_update": 0.06, "sgd": 0.06, "enqueue": 0.04}
ARCHITECTURES = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "wide_resnet50_2", "wide_resnet101_2"]
FEWEST_ITERATIONS = 3
ENOUGH_WARM_UP = 3  # seconds


def parts(options):
    """The functions to time, by name, each with everything it needs already made."""
    moco = MoCo(options)
    shape = (options.batch, 3, options.size, options.size)
    x_q, x_k = (torch.randn(shape, device=options.device) for _ in range(2))
    if options.channels_last:
        x_q, x_k = (x.contiguous(memory_format=torch.channels_last) for x in (x_q, x_k))
    q, k = (F.normalize(torch.randn(options.batch, options.dim, device=options.device), dim=1) for _ in range(2))
    q.requires_grad_()
    upstream = torch.randn(options.batch, options.dim, device=options.device) / options.batch
    for parameter in moco.encoder_q.parameters():
        parameter.grad = torch.zeros_like(parameter)

    def forward_backward():
        moco.encode(moco.encoder_q, x_q).backward(upstream)
        with torch.no_grad():
            moco.encode(moco.encoder_k, x_k)
        moco.optimizer.zero_grad(set_to_none=True)

    def info_nce():
        q.grad = None
        moco.loss(q, k).backward()

    # SGD is timed before the passes that drop the gradients.
    return {"sgd": moco.optimizer.step, "momentum_update": moco.momentum_update, "enqueue": lambda: moco.enqueue(k),
            "info_nce": info_nce, "forward_backward": forward_backward, "step": lambda: moco.step(x_q, x_k)}


def time_it(function, seconds, device):
    """Durations in milliseconds: two runs to warm up (one if that took seconds), then for `seconds`, at least three times."""
    synchronise = torch.cuda.synchronize if device == "cuda" else lambda: None

    def time_one():
        start = time.perf_counter()
        function()
        synchronise()
        return time.perf_counter() - start

    if time_one() < ENOUGH_WARM_UP:
        time_one()
    durations, end = [], time.perf_counter() + seconds
    while len(durations) < FEWEST_ITERATIONS or time.perf_counter() < end:
        durations.append(time_one() * 1000)
    return durations


def blas_gflops():
    """Billions of operations a second of a matrix product, the best of five: a BLAS without kernels for the processor does one or two."""
    a, best = torch.randn(1024, 1024), 0
    for _ in range(5):
        start = time.perf_counter()
        a @ a
        best = max(best, 2 * 1024**3 / (time.perf_counter() - start) / 1e9)
    return best


def measure(options):
    torch.backends.cudnn.benchmark = options.device == "cuda"  # as the official main_moco.py sets it
    functions = parts(options)
    total = sum(SHARES[name] for name in options.only)
    result, iterations = {}, {}
    for name, function in functions.items():
        if name in options.only:
            durations = time_it(function, options.seconds * SHARES[name] / total, options.device)
            result[name], iterations[name] = statistics.median(durations), len(durations)
    if options.device == "cuda":
        peak = torch.cuda.max_memory_allocated() / 2**20
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    result = {name: round(result[name], 4) for name in SHARES if name in result}
    result["blas_gflops"] = round(blas_gflops(), 1) if options.device == "cpu" else None
    result.update(
        peak_memory_mb=round(peak, 1), torch_version=torch.__version__, threads=torch.get_num_threads(),
        device=torch.cuda.get_device_name() if options.device == "cuda" else "cpu", iterations=iterations,
        arch=options.arch, batch=options.batch, size=options.size, dim=options.dim, queue=options.queue,
        stem=options.stem, mlp=options.mlp, channels_last=options.channels_last, bf16=options.bf16, compile=options.compile)
    return result


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arch", choices=ARCHITECTURES, default="resnet18", metavar="NAME",
                        help=f"one of {', '.join(ARCHITECTURES)} (default: resnet18)")
    parser.add_argument("--batch", type=int, default=128, metavar="N", help="images a step (default: 128)")
    parser.add_argument("--size", type=int, default=32, metavar="PIXELS", help="side of an image (default: 32)")
    parser.add_argument("--stem", choices=["auto", "imagenet", "small"], default="auto",
                        help="small: 3x3 stride 1, no max-pool; auto: small up to 64 pixels (default: auto)")
    parser.add_argument("--dim", type=int, default=128, metavar="D", help="size of an embedding (default: 128)")
    parser.add_argument("--mlp", action="store_true", help="MoCo v2's two-layer head instead of v1's linear one")
    parser.add_argument("--queue", type=int, default=65536, metavar="K", help="keys in the queue (default: 65536)")
    parser.add_argument("--momentum", type=float, default=0.999, help="of the key encoder (default: 0.999)")
    parser.add_argument("--temperature", type=float, default=0.07, help="of InfoNCE (default: 0.07)")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="(default: cpu)")
    parser.add_argument("--threads", type=int, metavar="T", help="libtorch's threads (default: its own choice)")
    parser.add_argument("--channels-last", action="store_true", help="images and weights channels-last")
    parser.add_argument("--compile", action="store_true", help="encoders by torch.compile, of PyTorch 2 and later")
    parser.add_argument("--bf16", action="store_true", help="encoders under bfloat16 autocast")
    parser.add_argument("--only", metavar="PARTS", default=",".join(SHARES),
                        help=f"comma-separated parts to time, of {', '.join(SHARES)} (default: all)")
    parser.add_argument("--seconds", type=float, default=20, help="time to spend, about (default: 20)")
    parser.add_argument("--json", metavar="FILE", help="write one JSON object to FILE, - for standard output")
    options = parser.parse_args(arguments)

    for name in ("batch", "size", "dim", "queue", "threads"):
        value = getattr(options, name)
        if value is not None and value < 1:
            parser.error(f"--{name} is {value}: it must be at least 1")
    if not options.seconds > 0:
        parser.error(f"--seconds is {options.seconds}: it must be above 0")
    if options.queue % options.batch:
        parser.error(f"--queue {options.queue} is no multiple of --batch {options.batch}: the official code needs that")
    options.only = [name.strip() for name in options.only.split(",")]
    unknown = [name for name in options.only if name not in SHARES]
    if unknown:
        parser.error(f"--only names {', '.join(unknown)}: the parts are {', '.join(SHARES)}")
    if options.stem == "auto":
        options.stem = "small" if options.size <= 64 else "imagenet"
    if torch is None:
        parser.exit(3, f"step.py: PyTorch and torchvision are needed, and this Python ({sys.executable}) lacks one: "
                       f"{IMPORT_ERROR}. On Debian: apt-get install python3-torch python3-torchvision, then run "
                       "/usr/bin/python3.\n")
    if options.device == "cuda" and not torch.cuda.is_available():
        parser.exit(3, "step.py: --device cuda, but this PyTorch sees no CUDA device\n")
    return options


def main():
    options = parse(sys.argv[1:])
    torch.manual_seed(0)
    if options.threads:
        torch.set_num_threads(options.threads)
    result = measure(options)
    if options.json == "-":
        print(json.dumps(result))
        return
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            file.write(json.dumps(result) + "\n")
    for name in SHARES:
        if name in result:
            print(f"{name:18}{result[name]:12.3f} ms  ({result['iterations'][name]} times)")
    print(f"peak memory       {result['peak_memory_mb']:12.1f} MB, PyTorch {result['torch_version']} on {result['device']}, "
          f"{result['threads']} threads")


if __name__ == "__main__":
    main()
