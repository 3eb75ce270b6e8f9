using MoCo.Data;

namespace MoCo.Tests.Data;

/// <summary>Odd tar files of a seeded generator, held against Python's tarfile and WebDataset's rule for samples.</summary>
public sealed class OddTarTests : IDisposable
{
    private const int Files = 60;

    // Images by place, size and label, a line each; "-" where there is no label. Wrong labels leave their image out.
    private const string Script = """
        import re, sys, tarfile
        IMAGES = {".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp", ".gif"}
        def label_of(text, ending):
            import json
            if ending == ".cls":
                text = text.strip(b" \t\r\n")
                return int(text) if re.fullmatch(rb"[0-9]{1,9}", text) else "wrong"
            value = json.loads(text)
            return value.get("label", value.get("cls")) if isinstance(value, dict) else "wrong"
        for path in sys.argv[1:]:
            print("file")
            try:
                tar = tarfile.open(path, "r:", encoding="utf-8", errors="surrogateescape")
            except tarfile.ReadError:
                continue
            key, image, labels = None, None, {}
            def flush():
                if image is None: return
                label = labels.get(".cls")
                if label is None: label = labels.get(".json")
                if label != "wrong": print(image[1], image[2], "-" if label is None else label)
            while True:
                try:
                    member = tar.next()
                except tarfile.ReadError:
                    break
                if member is None: break
                if not member.isreg() or member.issparse(): continue
                match = re.match(r"^((?:.*/|)[^./]+)([.][^/]*)$", member.name, re.DOTALL)
                if not match: continue
                stem, ending = match.group(1), match.group(2).lower()
                repeats = (image is not None and image[0] == ending) or ending in labels
                if stem != key or repeats:
                    flush()
                    key, image, labels = stem, None, {}
                if ending in (".cls", ".json"):
                    labels[ending] = label_of(tar.extractfile(member).read(), ending)
                elif ending in IMAGES and image is None:
                    image = (ending, member.offset_data, member.size)
            flush()
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Images_and_labels_are_those_that_Python_finds()
    {
        string? python = Python.Find("import tarfile");
        Assert.SkipWhen(python is null, "no python3 here");
        string[] paths = [.. Enumerable.Range(0, Files).Select(seed => folder.Write($"{seed:D3}.tar", OddTar.Make(seed)))];
        (int code, string output) = Python.Start(python, Script, paths)!.Value;
        Assert.True(code == 0, output);
        string[] expected = output.Split("file\n")[1..];

        Assert.Equal(Files, expected.Length);
        for (int i = 0; i < Files; i++) Assert.True(expected[i] == Found(paths[i]), $"{paths[i]}: {expected[i]}\nfound\n{Found(paths[i])}");
        Assert.InRange(expected.Count(text => text.Length > 0), Files * 2 / 3, Files);
    }

    private static string Found(string path)
    {
        TarShards shards;
        try
        {
            shards = new TarShards(path);
        }
        catch (InvalidDataException)
        {
            return "";
        }
        using IEnumerator<EncodedImage> images = shards.Open(0, 0, false, 0, 1, 0);
        string found = "";
        while (images.MoveNext())
        {
            EncodedImage image = images.Current;
            found += $"{image.Location.Split(", byte ")[1]} {image.Bytes.Length} {(image.Label is { } label ? $"{label}" : "-")}\n";
        }
        return found;
    }
}
