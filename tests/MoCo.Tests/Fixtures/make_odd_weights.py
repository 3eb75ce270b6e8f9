"""Writes odd/: weights files as hardly anybody writes them, made by seeded numbers, and odd.json: what torch.load reads there (for
safetensors: what the format's description says), or null where it refuses. Needs torch."""
import collections
import io
import json
import pathlib
import pickle
import random
import struct
import zipfile

import torch

folder = pathlib.Path(__file__).parent / "odd-weights"
folder.mkdir(exist_ok=True)
for old in folder.iterdir():
    old.unlink()
numbers = random.Random(10)
answers = {}

TYPES = (torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8,
         torch.bool, torch.complex64, torch.complex128)
NAMES = ("weight", "größe", "重み", "a b", "a/b", "quote\"'", "back\\slash", "tab\t", "line\n", "😀", ".", "..", "", "x" * 300, "%s{0}", "\x7f",
         "\u202eright", "e\u0301", "\x01", 0, 7, -1, 2 ** 40, "0x", "None")


def values(tensor):
    flat = tensor.detach().resolve_conj().resolve_neg().reshape(-1)
    if flat.is_complex():
        return torch.view_as_real(flat).double().reshape(-1).tolist()
    return flat.double().tolist()


def flatten(value, path=""):
    if isinstance(value, torch.Tensor):
        yield path, [str(value.dtype).split(".")[1], list(value.shape), values(value)]
    elif isinstance(value, (dict, list, tuple)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from flatten(item, f"{path}.{key}" if path else str(key))


def answer(name):
    try:
        return dict(flatten(torch.load(folder / name, map_location="cpu")))
    except Exception:
        return None


def odd_tensor():
    kind = numbers.choice(TYPES)
    shape = [numbers.randrange(0 if numbers.random() < 0.15 else 1, 5) for _ in range(numbers.randrange(0, 5))]
    count = max(1, torch.Size(shape).numel())
    base = torch.tensor([numbers.randrange(-100, 100) for _ in range(3 * count + 7)]).to(kind)
    tensor = base[numbers.randrange(7):][:torch.Size(shape).numel()].reshape(shape)
    layout = numbers.randrange(7)
    if layout == 1 and tensor.dim() > 1:
        order = list(range(tensor.dim()))
        numbers.shuffle(order)
        tensor = tensor.permute(order)
    elif layout == 2 and tensor.dim() > 0:
        tensor = tensor[..., ::2]
    elif layout == 3:
        tensor = tensor.unsqueeze(0).expand(numbers.randrange(0, 4), *tensor.shape)
    elif layout == 4:
        tensor = torch.as_strided(base, (2, 3), (numbers.randrange(3), numbers.randrange(3)), numbers.randrange(4))
    elif layout == 5 and tensor.is_floating_point():
        tensor = torch.nn.Parameter(tensor, requires_grad=numbers.random() < 0.5)
    elif layout == 6:
        tensor = base.view(-1)[1:1]
    return tensor


def odd_content(depth=0):
    names = numbers.sample(NAMES, numbers.randrange(1, 5))
    made = [odd_tensor() if depth > 2 or numbers.random() < 0.6 else odd_content(depth + 1) for _ in names]
    if len(made) > 1 and numbers.random() < 0.5:
        made[-1] = made[0]  # one object twice
    kind = numbers.randrange(4)
    if depth and kind == 0:
        return made
    if depth and kind == 1:
        return tuple(made)
    return (collections.OrderedDict if kind == 2 else dict)(zip(names, made))


for i in range(24):
    torch.save(odd_content(), folder / f"{i:02}.pth", pickle_protocol=numbers.choice((2, 2, 3, 4, 5)),
               _use_new_zipfile_serialization=numbers.random() < 0.6)

# What others do to files: bytes added and cut, entries moved, comments, names.
plain = {"w": torch.arange(6.0).reshape(2, 3), "b": torch.arange(3)}


def saved(content=plain, **how):
    buffer = io.BytesIO()
    torch.save(content, buffer, **how)
    return buffer.getvalue()


def rezipped(change, content=plain):
    """The zip's entries, written anew as change makes them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(content))) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
        for name, data in change([(name, source.read(name)) for name in source.namelist()]):
            target.writestr(name, data)
    return buffer


legacy = saved(_use_new_zipfile_serialization=False)
(folder / "zip-bytes-after.pth").write_bytes(saved() + b"\n")
(folder / "zip-bytes-before.pth").write_bytes(b"\n" + saved())
(folder / "zip-cut.pth").write_bytes(saved()[:-1])
(folder / "legacy-bytes-after.pth").write_bytes(legacy + b"\n")
(folder / "legacy-cut.pth").write_bytes(legacy[:-1])
(folder / "zip-reversed.pth").write_bytes(rezipped(lambda entries: entries[::-1]).getvalue())
(folder / "zip-renamed.pth").write_bytes(rezipped(lambda entries: [(n.replace("archive/", "größe/"), d) for n, d in entries]).getvalue())
(folder / "zip-more-entries.pth").write_bytes(rezipped(lambda entries: entries + [("archive/extra/notes.txt", b"hello")]).getvalue())
(folder / "zip-no-version.pth").write_bytes(rezipped(lambda entries: [e for e in entries if "version" not in e[0]]).getvalue())
(folder / "zip-storage-too-long.pth").write_bytes(
    rezipped(lambda entries: [(n, d + bytes(4) if n.endswith("data/0") else d) for n, d in entries]).getvalue())
(folder / "zip-storage-too-short.pth").write_bytes(
    rezipped(lambda entries: [(n, d[:-4] if n.endswith("data/0") else d) for n, d in entries]).getvalue())
commented = rezipped(lambda entries: entries)
with zipfile.ZipFile(commented, "a") as archive:
    archive.comment = b"made by hand"
(folder / "zip-comment.pth").write_bytes(commented.getvalue())
turned = torch.arange(4.0).to(torch.complex64) * (1 + 1j)
torch.save({"conjugated": turned.conj()}, folder / "conjugated.pth")
torch.save({"negated": turned.conj().imag}, folder / "negated.pth")
torch.save({"a.b": torch.zeros(1), "a": {"b": torch.ones(1)}}, folder / "one-path-twice.pth")
torch.save({None: torch.zeros(1), (1, 2): torch.ones(1)}, folder / "keys-of-other-kinds.pth")
torch.save({"sparse": torch.eye(2).to_sparse()}, folder / "sparse.pth")
torch.save({"quantized": torch.quantize_per_tensor(torch.ones(2), 0.5, 0, torch.qint8)}, folder / "quantized.pth")
torch.save({"array": torch.zeros(2).numpy()}, folder / "numpy.pth")
torch.save({"\ud800": torch.zeros(1)}, folder / "lone-surrogate.pth")
torch.save(torch.arange(3.0), folder / "bare-tensor.pth")
torch.save({}, folder / "nothing.pth")
for file in sorted(folder.iterdir()):
    answers[file.name] = answer(file.name)


# safetensors: 8 bytes of length, JSON, numbers; what is right stands beside what is written.
def safetensors(name, header, data, right):
    text = header if isinstance(header, bytes) else json.dumps(header, ensure_ascii=False).encode()
    (folder / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
    answers[f"{name}.safetensors"] = right


def entry(dtype, shape, start, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


one, two = struct.pack("<f", 1), struct.pack("<2f", 1, 2)
is_one, is_two = ["float32", [1], [1.0]], ["float32", [2], [1.0, 2.0]]
safetensors("nothing", {}, b"", {})
safetensors("only-metadata", {"__metadata__": {"größe": "😀\n"}}, b"", {})
safetensors("odd-names", {n: entry("F32", [1], 4 * i, 4 * i + 4) for i, n in enumerate(str(n) for n in NAMES if n != "")},
            one * (len(NAMES) - 1), {str(n): is_one for n in NAMES if n != ""})
safetensors("escaped-names", b'{"\\u00e9\\ud83d\\ude00":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', one, {"é😀": is_one})
safetensors("other-order", {"b": entry("F32", [2], 4, 12), "a": entry("F32", [1], 0, 4)}, one + two, {"a": is_one, "b": is_two})
safetensors("unaligned", {"u": entry("U8", [1], 0, 1), "w": entry("F32", [2], 1, 9)}, b"\x07" + two,
            {"u": ["uint8", [1], [7.0]], "w": is_two})
safetensors("padded", json.dumps({"w": entry("F32", [2], 0, 8)}).encode() + b" " * 100, two, {"w": is_two})
safetensors("zero-sized", {"z": entry("F32", [0, 3], 0, 0), "s": entry("F32", [], 0, 4), "y": entry("I64", [2, 0], 4, 4)}, one,
            {"z": ["float32", [0, 3], []], "s": ["float32", [], [1.0]], "y": ["int64", [2, 0], []]})
safetensors("more-in-an-entry", {"w": entry("F32", [2], 0, 8) | {"note": "x"}}, two, {"w": is_two})
safetensors("halves", {"h": entry("F16", [2], 0, 4), "b": entry("BF16", [2], 4, 8)}, struct.pack("<2e", 1, -2) + b"\x80\x3f\x00\xc0",
            {"h": ["float16", [2], [1.0, -2.0]], "b": ["bfloat16", [2], [1.0, -2.0]]})
for name, header, data in (
        ("overlap", {"a": entry("F32", [2], 0, 8), "b": entry("F32", [1], 4, 8)}, two),
        ("hole", {"a": entry("F32", [1], 0, 4), "b": entry("F32", [1], 8, 12)}, two + one),
        ("bytes-after", {"w": entry("F32", [2], 0, 8)}, two + b"\n"),
        ("cut", {"w": entry("F32", [2], 0, 8)}, two[:-1]),
        ("space-first", b" " + json.dumps({"w": entry("F32", [2], 0, 8)}).encode(), two),
        ("same-name-twice", b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', one),
        ("negative", {"w": entry("F32", [-2], 0, 8)}, two),
        ("number-in-metadata", {"__metadata__": {"epoch": 3}}, b""),
        ("lone-surrogate", b'{"\\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', one)):
    safetensors(name, header, data, None)

(folder / "odd.json").write_text(json.dumps(answers, indent=0, sort_keys=True))
