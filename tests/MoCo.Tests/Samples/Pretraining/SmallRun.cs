using System.Buffers.Binary;
using System.Diagnostics;
using Pretrain;
using Pretrain.Plans;
using Samples;

namespace MoCo.Tests.Samples.Pretraining;

/// <summary>A run of the program that takes moments: 120 noise images of 16×16 in ten batches, the narrowest encoder.</summary>
internal sealed class SmallRun : IDisposable
{
    public const int Images = 120, StepsPerEpoch = 10;

    private readonly TemporaryFolder folder = new();

    public SmallRun() => Data = WriteNoise("data", Images);

    public string Data { get; }

    public RunFolder Folder => new(folder.File("run"));

    public string File(string name) => folder.File(name);

    /// <summary>Flags of the run, without those that say what happens to its folder.</summary>
    public string[] Flags(int epochs) =>
    [
        "--data", Data, "--preset", "cifar", "--width", "0.0625", "--dim", "16", "--stem", "smallimagestride2",
            "--queue", "64", "--bn-splits", "1", "--batch-size", "12",
        "--epochs", $"{epochs}", "--threads", "1", "--workers", "1", "--log-every", "1", "--save-every-steps",
        "3", "--knn-every", "0", "--plain",
    ];

    /// <summary>The folder of a data set of the MNIST family.</summary>
    public string WriteNoise(string name, int images)
    {
        string data = Directory.CreateDirectory(folder.File(name)).FullName;
        byte[] bytes = new byte[16 + images * 256];
        BinaryPrimitives.WriteInt32BigEndian(bytes, 0x803);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), images);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), 16);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(12), 16);
        new Random(3).NextBytes(bytes.AsSpan(16));
        System.IO.File.WriteAllBytes(Path.Combine(data, "train-images-idx3-ubyte"), bytes);
        return data;
    }

    /// <summary>The same with labels and a test part.</summary>
    public string WriteLabelled(string name, int images)
    {
        string data = WriteNoise(name, images);
        string train = Path.Combine(data, "train-images-idx3-ubyte");
        System.IO.File.Copy(train, Path.Combine(data, "t10k-images-idx3-ubyte"));
        byte[] labels = new byte[8 + images];
        BinaryPrimitives.WriteInt32BigEndian(labels, 0x801);
        BinaryPrimitives.WriteInt32BigEndian(labels.AsSpan(4), images);
        for (int i = 0; i < images; i++) labels[8 + i] = (byte)(i % 3);
        foreach (string part in (ReadOnlySpan<string>)["train", "t10k"])
            System.IO.File.WriteAllBytes(Path.Combine(data, $"{part}-labels-idx1-ubyte"), labels);
        return data;
    }

    /// <summary>A folder of color images, a file each.</summary>
    public string WriteImages(string name, int images)
    {
        string data = Directory.CreateDirectory(folder.File(name)).FullName;
        Random random = new(3);
        byte[] pixels = new byte[16 * 16 * 3];
        for (int i = 0; i < images; i++)
        {
            random.NextBytes(pixels);
            System.IO.File.WriteAllBytes(Path.Combine(data, $"{i:D3}.ppm"), [.. "P6\n16 16\n255\n"u8, .. pixels]);
        }
        return data;
    }

    /// <summary>What a command line asks for.</summary>
    public static Request Asked(params string[] args) => Arguments.Read(Arguments.Command(_ => 0).Parse(args));

    /// <summary>Runs in this process and tells how it was refused.</summary>
    public static string Refusal(params string[] args)
    {
        using StopSignals signals = new();
        return Assert.Throws<UsageException>(() => new Run(Asked(args), new PlainDisplay(), signals).Execute()).Message;
    }

    /// <summary>Runs the program in this process to its end.</summary>
    public static string Finish(params string[] args) => Programs.Call("Pretrain", 0, args);

    public static Process Start(params string[] args) => Process.Start(Command(args))!;

    /// <summary>Starts the program with a managed heap that is collected after 16 MiB, not after a share of the cache.</summary>
    public static Process StartWithSmallHeap(params string[] args)
    {
        ProcessStartInfo command = Command(args);
        command.Environment["DOTNET_GCgen0size"] = "1000000"; // hexadecimal
        return Process.Start(command)!;
    }

    /// <returns>What the process said that was not read yet.</returns>
    public static string Ended(Process process, int code)
    {
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.Result;
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(2)), "the program does not end");
        Assert.True(process.ExitCode == code, $"exit code {process.ExitCode}: {output}");
        return output;
    }

    /// <returns>The first line that begins like one of these.</returns>
    public static string Until(Process process, params string[] beginnings)
    {
        while (process.StandardOutput.ReadLine() is { } line)
            if (beginnings.Any(beginning => line.StartsWith(beginning, StringComparison.Ordinal))) return line;
        throw new InvalidOperationException(
            $"The program ended before it said {string.Join(" or ", beginnings)}: {process.StandardError.ReadToEnd()}");
    }

    /// <summary>A checkpoint's tensors, a text each.</summary>
    public static SortedDictionary<string, string> State(string checkpoint)
    {
        using MoCoTrainer trainer = MoCoTrainer.Resume(checkpoint);
        SortedDictionary<string, string> state = Snapshot.Of(trainer);
        // torch's own generator begins elsewhere in every process; training does not draw from it.
        state.Remove("rng");
        return state;
    }

    public void Dispose() => folder.Dispose();

    private static ProcessStartInfo Command(string[] args)
    {
        string program = Repository.File("samples", "Pretrain", "bin", Repository.Configuration, "net10.0", "pretrain.dll");
        return new ProcessStartInfo("dotnet", [program, .. args]) { RedirectStandardOutput = true, RedirectStandardError = true };
    }
}
