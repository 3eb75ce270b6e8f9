using MoCo.Interop.PyTorch;
using MoCo.Tensors;
using MoCo.Tensors.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop;

/// <summary>Damaged files: seeded mutations of sound ones are read whole or refused, never with another error or much memory.</summary>
public sealed class DamagedFileTests : IDisposable
{
    private const int Mutations = 2000;

    /// <summary>What a reader may take beside the file's size: buffers; a pickle's million objects would be more.</summary>
    private const long Allowance = 32 << 20;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Two_thousand_damaged_safetensors_files_are_read_or_refused()
    {
        using (DisposeScope scope = NewDisposeScope())
        {
            (string, Tensor)[] tensors =
                [("a", rand(3, 4)), ("b.weight", Counting(5)), ("c", ones(2, 2).to(ScalarType.Float16)), ("d", zeros(0))];
            SafetensorsWriter.Write(folder.File("sound"), tensors, new Dictionary<string, string> { ["format"] = "pt" });
        }
        int refused = Fuzz(File.ReadAllBytes(folder.File("sound")), 1, path =>
        {
            using SafetensorsFile file = SafetensorsFile.Open(path);
            foreach (StoredTensor tensor in file.Tensors.Values) tensor.Read().Dispose();
        });
        Assert.InRange(refused, Mutations / 4, Mutations - 1);
    }

    [Theory]
    [InlineData("layouts.zip.pth", 2)]
    [InlineData("layouts.legacy.pth", 3)]
    [InlineData("values.zip.pth", 4)]
    [InlineData("values.legacy.pth", 5)]
    public void Two_thousand_damaged_PyTorch_files_are_read_or_refused(string name, int seed)
    {
        int refused = Fuzz(File.ReadAllBytes(Fixture.Path("checkpoints", name)), seed, path =>
        {
            using PyTorchCheckpoint file = PyTorchCheckpoint.Open(path);
            foreach (StoredTensor tensor in file.Tensors.Values) tensor.Read().Dispose();
        });
        Assert.InRange(refused, Mutations / 10, Mutations - 1);
    }

    private int Fuzz(byte[] sound, int seed, Action<string> read)
    {
        // Tensors that tests before this one left to the collector must not end while ours are counted.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Random random = new(seed);
        int refused = 0;
        for (int i = 0; i < Mutations; i++)
        {
            byte[] damaged = Damage(sound, random);
            string path = folder.Write("damaged", damaged);
            long before = GC.GetAllocatedBytesForCurrentThread(), tensors = Tensor.TotalCount;
            try
            {
                read(path);
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException)
            {
                refused++;
                Assert.Contains(path, e.Message, StringComparison.Ordinal);
            }
            catch (Exception e)
            {
                Assert.Fail($"mutation {i} of seed {seed}: {e}");
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, damaged.Length + Allowance);
            Assert.Equal(tensors, Tensor.TotalCount);
        }
        return refused;
    }

    /// <summary>One to four of: a byte changed, a number made extreme, bytes cut out, bytes doubled, the end cut off.</summary>
    private static byte[] Damage(byte[] sound, Random random)
    {
        List<byte> bytes = [.. sound];
        for (int n = random.Next(1, 5); n > 0 && bytes.Count > 0; n--)
        {
            int at = random.Next(bytes.Count), count = Math.Min(random.Next(1, 9), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: for (int i = 0; i < count; i++) bytes[at + i] = 0xFF; break;
                case 3: bytes.RemoveRange(at, count); break;
                case 4: bytes.InsertRange(at, bytes.GetRange(at, count)); break;
                default: if (random.Next(4) == 0) bytes.RemoveRange(at, bytes.Count - at); break;
            }
        }
        return [.. bytes];
    }
}
