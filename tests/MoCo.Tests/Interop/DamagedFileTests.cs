using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MoCo.Evaluation.Search;
using MoCo.Interop;
using MoCo.Interop.PyTorch;
using MoCo.Tensors;
using MoCo.Tensors.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop;

/// <summary>Damaged files: seeded mutations of sound ones are read whole or refused, never with another error or much memory.</summary>
public sealed partial class DamagedFileTests : IDisposable
{
    private static readonly int Mutations = MutationCount.Or(2000), FewMutations = MutationCount.Or(500);

    /// <summary>For one file; the machine may have other work.</summary>
    private const double MostSeconds = 10;

    /// <summary>Whole numbers first.</summary>
    private static readonly string[] Extremes =
    [
        "0", "1", "-1", "2", "4", "8", "48", "64", "255", "65536", "2147483647", "-2147483648", "4294967296", "4611686018427387904",
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1.5", "1e3", "1e400", "-0.0", "\"1\"", "\"F16\"",
        "\"F64\"", "\"BOOL\"", "null", "true", "[]", "{}",
    ];

    private const int Numbers = 16;

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
        int refused = Fuzz(File.ReadAllBytes(folder.File("sound")), 1, ReadSafetensors);
        Assert.InRange(refused, Mutations / 4, Mutations - 1);
    }

    /// <summary>The header stays JSON of a length that is right, so that the damage reaches shapes, types and offsets.</summary>
    [Fact]
    public void Five_hundred_safetensors_headers_with_other_numbers_and_types_are_read_or_refused()
    {
        const string Sound = """
            {"a":{"dtype":"F32","shape":[3,4],"data_offsets":[0,48]},"b":{"dtype":"I64","shape":[2],"data_offsets":[48,64]},
            "c":{"dtype":"BF16","shape":[0,7],"data_offsets":[64,64]},"d":{"dtype":"U8","shape":[],"data_offsets":[64,65]}}
            """;
        int refused = Fuzz(FewMutations, 6, random =>
        {
            string header = Sound;
            for (int n = random.Next(1, 4); n > 0; n--)
            {
                MatchCollection places = NumberOrType().Matches(header);
                Match place = places[random.Next(places.Count)];
                string other = random.Next(3) == 0 ? places[random.Next(places.Count)].Value : Extremes[random.Next(Extremes.Length)];
                header = header[..place.Index] + other + header[(place.Index + place.Length)..];
            }
            byte[] length = BitConverter.GetBytes((long)header.Length);
            return folder.Write("damaged", [.. length, .. Encoding.ASCII.GetBytes(header), .. new byte[65]]);
        }, ReadSafetensors);
        Assert.InRange(refused, FewMutations / 2, FewMutations - 1);
    }

    [Fact]
    public void Five_hundred_checkpoints_with_damaged_options_are_read_or_refused()
    {
        manual_seed(1);
        using MoCoTrainer trainer = new(TrainerFixture.Options);
        trainer.Save(folder.File("sound"));
        using SafetensorsFile sound = SafetensorsFile.Open(folder.File("sound"));
        byte[] options = Encoding.UTF8.GetBytes(sound.Metadata["options"]);
        Dictionary<string, string> metadata = new(sound.Metadata);
        metadata.Remove(SafetensorsWriter.DigestKey);
        using DisposeScope scope = NewDisposeScope();
        (string, Tensor)[] tensors = [.. sound.Tensors.Keys
            .Where(name => name.StartsWith("method.encoder_q.", StringComparison.Ordinal)).Select(name => (name, sound.Read(name)))];
        int refused = Fuzz(FewMutations, 7, random =>
        {
            metadata["options"] = Encoding.UTF8.GetString(random.Next(2) == 0 ? Damage(options, random) : OtherNumbers(options, random));
            SafetensorsWriter.Write(folder.File("damaged"), tensors, metadata);
            return folder.File("damaged");
        }, path =>
        {
            EncoderFiles.Open(path).Dispose();
            MoCoTrainer.ReadOptions(path);
        }, isCounted: false); // a module's parameters are counted for ever: LiveTensors.TakenOver
        Assert.InRange(refused, FewMutations / 4, FewMutations - 1);
    }

    /// <summary>Half of them with a seal that is right for what is damaged below it.</summary>
    [Fact]
    public void Five_hundred_damaged_indexes_are_read_or_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        string[] names = ["a.jpg", "größe.jpg", "重み.jpg", ""];
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(names));
        long end = 0;
        long[] ends = [.. names.Select(name => end += Encoding.UTF8.GetByteCount(name))];
        using (SimilarityIndex index = new(rand(4, 6), names)) index.Save(folder.File("sound"));
        byte[] sound = File.ReadAllBytes(folder.File("sound"));
        Dictionary<string, string> metadata = new() { ["format"] = "moco-similarity-index", ["schema"] = "1" };
        int refused = Fuzz(FewMutations, 8, random =>
        {
            if (random.Next(2) == 0) return folder.Write("damaged", Damage(sound, random));
            using DisposeScope inner = NewDisposeScope();
            long[] otherEnds = [.. ends];
            if (random.Next(2) == 0) otherEnds[random.Next(4)] = long.Parse(Extremes[random.Next(Numbers)], CultureInfo.InvariantCulture);
            float[] rows = [.. Enumerable.Repeat(1 / MathF.Sqrt(6), 24)];
            if (random.Next(3) == 0) rows[random.Next(24)] = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
            byte[] otherText = random.Next(3) == 0 ? Damage(text, random) : text;
            SafetensorsWriter.Write(folder.File("damaged"), [("embeddings", tensor(rows).reshape(random.Next(8) == 0 ? [6, 4] : [4, 6])),
                ("names", tensor(otherText, dtype: ScalarType.Byte)), ("name_ends", tensor(otherEnds))], metadata);
            return folder.File("damaged");
        }, path =>
        {
            using SimilarityIndex index = SimilarityIndex.Load(path);
            using Tensor query = ones(index.Dimension);
            index.Search(query, 1);
        });
        Assert.InRange(refused, FewMutations / 4, FewMutations - 1);
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

    private static void ReadSafetensors(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        foreach (StoredTensor tensor in file.Tensors.Values) tensor.Read().Dispose();
    }

    private int Fuzz(byte[] sound, int seed, Action<string> read)
        => Fuzz(Mutations, seed, random => folder.Write("damaged", Damage(sound, random)), read);

    private static int Fuzz(int times, int seed, Func<Random, string> write, Action<string> read, bool isCounted = true)
    {
        double slowest = 0;
        // Tensors that tests before this one left to the collector must not end while ours are counted.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Random random = new(seed);
        int refused = 0;
        for (int i = 0; i < times; i++)
        {
            string path = write(random);
            long before = GC.GetAllocatedBytesForCurrentThread(), tensors = Tensor.TotalCount, started = Stopwatch.GetTimestamp();
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
            slowest = Math.Max(slowest, Stopwatch.GetElapsedTime(started).TotalSeconds);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, new FileInfo(path).Length + Allowance);
            if (isCounted) Assert.Equal(tensors, Tensor.TotalCount);
        }
        using Process process = Process.GetCurrentProcess();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{times} of seed {seed}: {refused} refused, slowest {slowest:F3} s, peak {process.PeakWorkingSet64 >> 20} MB");
        Assert.InRange(slowest, 0, MostSeconds);
        return refused;
    }

    /// <summary>One or two of a text's numbers made others.</summary>
    private static byte[] OtherNumbers(byte[] sound, Random random)
    {
        string text = Encoding.UTF8.GetString(sound);
        for (int n = random.Next(1, 3); n > 0; n--)
        {
            MatchCollection places = NumberOrType().Matches(text);
            Match place = places[random.Next(places.Count)];
            text = text[..place.Index] + Extremes[random.Next(Extremes.Length)] + text[(place.Index + place.Length)..];
        }
        return Encoding.UTF8.GetBytes(text);
    }

    [GeneratedRegex("-?[0-9]+(?:[.][0-9]+)?|\"(?:F32|I64|BF16|U8)\"")]
    private static partial Regex NumberOrType();

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
