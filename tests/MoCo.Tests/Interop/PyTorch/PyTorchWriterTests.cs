using System.IO.Compression;
using System.Numerics;
using MoCo.Interop.PyTorch;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop.PyTorch;

public sealed class PyTorchWriterTests : IDisposable
{
    private static readonly ScalarType[] AllTypes =
        [
            ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64, ScalarType.Int32,
            ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool,
        ];

    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        string path = folder.File("a.pth");
        OrderedDictionary<string, object?> content = Content();
        PyTorchWriter.Write(path, content);
        using PyTorchCheckpoint file = PyTorchCheckpoint.Open(path);
        OrderedDictionary<object, object?> root = Assert.IsType<OrderedDictionary<object, object?>>(file.Root);
        Assert.Equal(content.Keys, root.Keys.Cast<string>());
        foreach (string plain in new[] { "none", "yes", "big", "huge", "half", "text", "list", "tuple" })
            Assert.Equal(content[plain], root[(object)plain]);
        Assert.Equal(3L, root["small"]);
        foreach ((string name, Tensor tensor) in Tensors())
        {
            Tensor read = file.Tensors["tensors." + name].Read();
            Assert.Equal(tensor.dtype, read.dtype);
            Assert.Equal(tensor.shape, read.shape);
            Assert.True(tensor.AllBytes().SequenceEqual(read.AllBytes()), name);
        }
    }

    [Fact]
    public void PyTorch_reads_the_file_with_and_without_weights_only()
    {
        string path = folder.File("a.pth");
        PyTorchWriter.Write(path, Content());
        // PyTorch 1.13's weights_only knows no floating-point number outside tensors; later ones do.
        OrderedDictionary<string, object?> withoutNumber = Content();
        withoutNumber.Remove("half");
        PyTorchWriter.Write(folder.File("b.pth"), withoutNumber);
        Python.Torch("""
            import sys, torch
            for path, only in (sys.argv[1], False), (sys.argv[2], True):
                c = torch.load(path, weights_only=only)
                assert list(c)[:2] == ['none', 'yes'] and c['none'] is None and c['yes'] is True and c['small'] == 3
                assert c['big'] == -2 ** 40 and c['huge'] == 2 ** 90 and c.get('half', .5) == .5
                assert c['text'] == '“λ”' and c['list'] == [1, ['x']] and c['tuple'] == (1, None)
                t = c['tensors']
                for name in ('Float64', 'Float32', 'Float16', 'BFloat16', 'Int64', 'Int32', 'Int16', 'Int8', 'Byte', 'Bool'):
                    dtype = {'byte': torch.uint8}.get(name.lower()) or getattr(torch, name.lower())
                    assert t[name].dtype == dtype and torch.equal(t[name], (torch.arange(6) % 2).to(dtype).reshape(2, 3)), name
                assert torch.equal(t['turned'], torch.arange(6.).reshape(2, 3).t())
                assert t['empty'].shape == (0, 3) and t['scalar'].shape == ()
                t['once'].add_(1)
                assert torch.equal(t['once'], t['twice'])  # one tensor is one storage there too
            """, path, folder.File("b.pth"));
    }

    [Fact]
    public void The_zip_is_whole_for_other_tools_too()
    {
        string path = folder.File("a.pth");
        PyTorchWriter.Write(path, Content());
        using ZipArchive zip = ZipFile.OpenRead(path);
        Assert.All(zip.Entries, entry => Assert.StartsWith("archive/", entry.FullName, StringComparison.Ordinal));
        Assert.All(zip.Entries, entry => Assert.Equal(entry.Length, entry.CompressedLength));
        Assert.Contains(zip.Entries, entry => entry.Name == "version");
    }

    [Fact]
    public void What_can_not_be_written_is_named_and_the_old_file_stands()
    {
        string path = folder.Write("a.pth", [1]);
        List<object?> holdsItself = new();
        holdsItself.Add(holdsItself);
        Assert.StartsWith(
            "A System.Guid can't be written; expected null, bool, ",
            Assert.Throws<NotSupportedException>(() => PyTorchWriter.Write(
                path, new Dictionary<string, object?> { ["a"] = Guid.Empty })).Message,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "The containers are nested deeper than 100",
            Assert.Throws<NotSupportedException>(() => PyTorchWriter.Write(
                path, new Dictionary<string, object?> { ["a"] = holdsItself })).Message,
            StringComparison.Ordinal);
        Assert.Equal([1], File.ReadAllBytes(path));
    }

    private static Dictionary<string, Tensor> Tensors()
    {
        Tensor once = ones(2);
        Dictionary<string, Tensor> tensors = new()
        {
            ["turned"] = Counting(6, dtype: ScalarType.Float32).reshape(2, 3).t(),
            ["empty"] = zeros(0, 3),
            ["scalar"] = tensor(2.5f),
            ["once"] = once,
            ["twice"] = once,
        };
        foreach (ScalarType type in AllTypes) tensors.Add($"{type}", Counting(6).Remainder(2).to(type).reshape(2, 3));
        return tensors;
    }

    private static OrderedDictionary<string, object?> Content() => new()
    {
        ["none"] = null,
        ["yes"] = true,
        ["small"] = 3,
        ["big"] = -(1L << 40),
        ["huge"] = BigInteger.Pow(2, 90),
        ["half"] = 0.5,
        ["text"] = "“λ”",
        ["list"] = new List<object?> { 1L, new List<object?> { "x" } },
        ["tuple"] = new object?[] { 1L, null },
        ["tensors"] = Tensors(),
    };
}
