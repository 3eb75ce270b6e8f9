"""Writes checkpoints/: small files as PyTorch's users have them, for the readers in Interop. Needs torch and torchvision."""
import collections
import io
import os
import pathlib
import pickle
import zipfile

import torch
from torch import nn
from torchvision.models.resnet import BasicBlock, ResNet

from peers import numbers, write

folder = pathlib.Path(__file__).parent / "checkpoints"
folder.mkdir(exist_ok=True)
for old in folder.iterdir():
    old.unlink()


def save(content, name, legacy=True, new=True):
    if new:
        torch.save(content, folder / f"{name}.zip.pth")
    if legacy:
        torch.save(content, folder / f"{name}.legacy.pth", _use_new_zipfile_serialization=False)


# Every way that a tensor can lie in a storage. Values: 0, 1, 2 … so that the tests can say what they must be.
base = torch.arange(24.0).reshape(2, 3, 4)
values = {
    "plain": base, "transposed": base.permute(2, 0, 1), "offset": base[1], "stepped": base.flatten()[1::5],
    "shared": base.view(6, 4)[2:4, 1:3], "expanded": torch.arange(3.0).expand(4, 3), "scalar": torch.tensor(7.0), "empty": torch.zeros(0, 3),
    "channels_last": torch.arange(48.0).reshape(2, 3, 2, 4).contiguous(memory_format=torch.channels_last),
    "parameter": nn.Parameter(torch.arange(3.0)),
}
save(values, "layouts")

types = {str(t).split(".")[1]: torch.arange(6).to(t).reshape(2, 3) for t in (
    torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
    torch.uint8, torch.bool, torch.complex64, torch.complex128)}
save(types, "types")

save({
    "none": None, "true": True, "false": False, "small": 7, "negative": -70000, "big": 2 ** 40, "huge": 2 ** 80, "float": 0.1, "text": "“λ”",
    "list": [1, [2, "three"]], "tuple": (1, 2.5, "x", None), "set": {5}, "bytes": b"\x00\xff", "array": bytearray(b"ab"), "size": torch.Size([2, 3]),
    "device": torch.device("cuda", 1), "dtype": torch.float16, "numbers": {0: "zero", 1: "one"},
    "ordered": collections.OrderedDict([("b", 1), ("a", 2)]), "module": nn.Linear(1, 1).state_dict(),
}, "values")


class Runs:
    def __reduce__(self):
        return os.system, ("touch ran",)


save({"state_dict": {"w": torch.zeros(1)}, "args": Runs()}, "runs")
save({"model": nn.Linear(1, 1)}, "module", legacy=True)

# A file of a big-endian machine: its storages' bytes turned, its byteorder record saying so (PyTorch 2.1 writes that record).
buffer = io.BytesIO()
torch.save({"f": torch.arange(5.0), "h": torch.arange(5).half(), "l": torch.arange(3), "b": torch.arange(3, dtype=torch.uint8),
            "c": torch.arange(3).to(torch.complex64), "t": torch.arange(6.0).reshape(2, 3).t()}, buffer)
sizes = {"0": 4, "1": 2, "2": 8, "3": 1, "4": 4, "5": 4}
with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(folder / "bigendian.zip.pth", "w", zipfile.ZIP_STORED) as target:
    for name in source.namelist():
        data = source.read(name)
        if "/data/" in name:
            size = sizes[name.rsplit("/")[-1]]
            data = b"".join(data[i:i + size][::-1] for i in range(0, len(data), size))
        target.writestr(name, data)
    target.writestr("archive/byteorder", "big")

# A zip with zip64 fields, as files beyond 4 GB have.
buffer = io.BytesIO()
torch.save({"w": torch.arange(4.0)}, buffer)
with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(folder / "zip64.zip.pth", "w", zipfile.ZIP_STORED) as target:
    for name in source.namelist():
        with target.open(name, "w", force_zip64=True) as entry:
            entry.write(source.read(name))
with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(folder / "deflated.zip.pth", "w", zipfile.ZIP_DEFLATED) as target:
    for name in source.namelist():
        target.writestr(name, source.read(name))
(folder / "plain.pkl").write_bytes(pickle.dumps({"w": [1, 2]}, protocol=2))
torch.save({"w": torch.arange(4.0)}, folder / "protocol4.zip.pth", pickle_protocol=4)


# Networks of torchvision's code with 8 to 32 channels: small, but with every key that the real ones have.
class Tiny(ResNet):
    def __init__(self, head):
        nn.Module.__init__(self)
        self._norm_layer, self.inplanes, self.dilation, self.groups, self.base_width = nn.BatchNorm2d, 8, 1, 1, 64
        self.conv1, self.bn1 = nn.Conv2d(3, 8, 7, 2, 3, bias=False), nn.BatchNorm2d(8)
        self.relu, self.maxpool = nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)
        for stage, width in enumerate((8, 8, 16, 32)):
            setattr(self, f"layer{stage + 1}", self._make_layer(BasicBlock, width, 2, stride=1 if stage == 0 else 2))
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d((1, 1)), head


def encoder(seed, head):
    torch.manual_seed(seed)
    model = Tiny(head())
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.2, 0.2)
            module.running_mean.uniform_(-0.2, 0.2)
            module.running_var.uniform_(0.5, 1.5)
    with torch.no_grad():  # numbers that float16 holds too, so that a file of half the size gives the same outputs
        for tensor in model.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(tensor.half())
    return model.eval()


def linear():
    return nn.Linear(32, 16)


def mlp():
    return nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 16))


def under(prefix, state):
    return {prefix + key: value for key, value in state.items()}


def halves(state):
    once = {}  # tensors of one storage stay so
    return collections.OrderedDict((key, once.setdefault((value.data_ptr(), value.shape), value.half()) if value.is_floating_point() else value) for key, value in state.items())


def backbone(model):
    return {key: value for key, value in model.state_dict().items() if not key.startswith("fc")}


def head_of(model):
    return model.fc.state_dict()


# The key encoder is the query encoder but for its first normalisation's bias, which tells them apart and keeps the file small.
def key_of(state):
    return {key: value + 0.25 if key in ("bn1.bias", "1.bias") else value for key, value in state.items()}


images = ((torch.arange(2 * 3 * 32 * 32) * 37 % 64).float() / 32 - 1).reshape(2, 3, 32, 32)
outputs = {}
queue = nn.functional.normalize(torch.randn(16, 24, generator=torch.Generator().manual_seed(5)), dim=0)


def note(name, model):
    with torch.no_grad():
        embeddings = model(images)
        head, model.fc = model.fc, nn.Identity()
        outputs[name + ".features"], outputs[name + ".embeddings"] = numbers(model(images)), numbers(embeddings)
        model.fc = head


# The official code's file : DistributedDataParallel's prefix, both encoders, queue, optimizer.
for name, head, legacy in (("official_v1", linear, False), ("official_v2", mlp, True)):
    q = encoder(1 if legacy else 2, head)
    k = key_of(q.state_dict())
    state = collections.OrderedDict(under("module.encoder_q.", q.state_dict()) | under("module.encoder_k.", k)
                                    | {"module.queue": queue, "module.queue_ptr": torch.tensor([8])})
    optimizer = torch.optim.SGD(q.parameters(), 0.03, momentum=0.9, weight_decay=1e-4)
    content = {"epoch": 200, "arch": "resnet18", "state_dict": state if legacy else halves(state), "optimizer": optimizer.state_dict()}
    save(content, name, legacy=legacy, new=not legacy)
    note(name, q)

# torchvision's own file, with a classifier.
model = encoder(3, lambda: nn.Linear(32, 10))
save(halves(model.state_dict()), "torchvision", legacy=False)
note("torchvision", model)

# Lightly: a backbone of numbered children, heads with numbered layers.
model = encoder(4, mlp)
numbered = nn.Sequential(*list(model.children())[:-1]).state_dict()
content = under("backbone.", numbered) | under("projection_head.layers.", head_of(model)) \
    | under("backbone_momentum.", key_of(numbered)) | under("projection_head_momentum.layers.", head_of(model)) | {"criterion.memory_bank.bank": queue.t(), "criterion.memory_bank.bank_ptr": torch.tensor([8])}
save({"epoch": 1, "state_dict": halves(content)}, "lightly", legacy=False)
note("lightly", model)

# solo-learn: torchvision's names under prefixes; a queue for each of the two views.
model = encoder(5, mlp)
content = under("backbone.", backbone(model)) | under("projector.", head_of(model)) | under("momentum_backbone.", key_of(backbone(model))) \
    | under("momentum_projector.", head_of(model)) | {"classifier.weight": torch.zeros(10, 32), "classifier.bias": torch.zeros(10), "queue": torch.stack([queue, -queue]), "queue_ptr": torch.tensor([8])}
save({"epoch": 1, "state_dict": halves(content)}, "sololearn", legacy=False)
note("sololearn", model)

# mmpretrain: backbone and neck, the key encoder as an averaged model.
model = encoder(6, mlp)
content = {"data_preprocessor.mean": torch.zeros(3, 1, 1)} | under("backbone.", backbone(model)) | under("neck.mlp.", head_of(model)) \
    | under("encoder_k.module.0.", key_of(backbone(model))) | under("encoder_k.module.1.mlp.", head_of(model)) | {"encoder_k.steps": torch.tensor(3), "queue": queue, "queue_ptr": torch.tensor([8])}
save({"meta": {"epoch": 1}, "state_dict": halves(content)}, "mmpretrain", legacy=False)
note("mmpretrain", model)

outputs["queue"] = numbers(queue)
write(folder / "outputs.json", outputs)
print(sum(f.stat().st_size for f in folder.iterdir()), "bytes")
