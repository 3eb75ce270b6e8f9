"""Reads a safetensors file by the format's description alone and prints it as JSON: name -> [type, shape, values]."""
import json, math, sys
import numpy

TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U8": "u1", "BOOL": "?"}

data = open(sys.argv[1], "rb").read()
start = 8 + int.from_bytes(data[:8], "little")
header, numbers = json.loads(data[8:start].decode("utf-8")), data[start:]
assert data[8:9] == b"{" and start <= 100_000_000
metadata = header.pop("__metadata__", {})
assert all(isinstance(value, str) for value in metadata.values())
tensors, covered = {}, 0
for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
    begin, end = entry["data_offsets"]
    assert begin == covered, f"{name} leaves a hole or overlaps"
    covered = end
    values = numpy.frombuffer(numbers[begin:end], TYPES[entry["dtype"]])
    assert len(values) == math.prod(entry["shape"]), f"{name} has {len(values)} numbers for {entry['shape']}"
    if entry["dtype"] == "BF16":
        values = (values.astype("<u4") << 16).view("<f4")
    tensors[name] = [entry["dtype"], entry["shape"], [float(value) for value in values]]
assert covered == len(numbers), "bytes after the last tensor"
print(json.dumps(tensors))
