using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MoCo.Loading;
using MoCo.Tensors;
using static TorchSharp.torch;

namespace MoCo.Tests;

/// <summary>What the child process does: makes steps on views of noise and tells the most memory that it held, and the page faults
/// of the last step.</summary>
internal static class MemoryPeakProgram
{
    /// <summary>The first argument that starts it; the options as JSON and the size of a view follow.</summary>
    public const string Name = "memory-peak";

    private const int Steps = 2;

    /// <summary>Runs it in a process of its own.</summary>
    /// <returns>Bytes, and pages that the system had to clear.</returns>
    public static (long Peak, long Faults) Of(MoCoOptions options, int size, bool pools = true, (int Count, int Size) small = default)
    {
        (int code, string output, string errors) = OwnProgram.Run(
            0, Name, JsonSerializer.Serialize(options), $"{size}", $"{pools}", $"{small.Count}", $"{small.Size}");
        Assert.True(code == 0, errors);
        long[] figures = [.. output.Split(' ').Select(figure => long.Parse(figure, CultureInfo.InvariantCulture))];
        return (figures[0], figures[1]);
    }

    public static int Run(string[] task)
    {
        MoCoOptions options = JsonSerializer.Deserialize<MoCoOptions>(task[0])!;
        int size = int.Parse(task[1], CultureInfo.InvariantCulture);
        AppContext.SetSwitch(TensorMemory.SwitchName, bool.Parse(task[2]));
        using MoCoTrainer trainer = new(options);
        set_num_threads(1); // a second one, where a neighbour has the core, makes the first wait
        int[] small = [.. task[3..].Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        using TwoCropBatch batch = new(Views(size), Views(size), Enumerable.Range(0, options.BatchSize).ToArray(), 0, 0)
        {
            SmallViews = [.. Enumerable.Range(0, small[0]).Select(_ => Views(small[1]))],
        };
        long faults = 0;
        for (int step = 0; step < Steps; step++)
        {
            faults = Faults();
            trainer.Step(batch);
        }
        faults = Faults() - faults;
        using Process process = Process.GetCurrentProcess();
        Console.WriteLine($"{process.PeakWorkingSet64} {faults}");
        return 0;

        // proc(5): the tenth field, the eighth behind the command's name
        static long Faults() => long.Parse(File.ReadAllText("/proc/self/stat").Split(')')[^1].Split(' ')[8], CultureInfo.InvariantCulture);

        Tensor Views(int side)
        {
            using Tensor memory = rand(options.BatchSize, side, side, options.Encoder.InputChannels);
            return memory.permute(0, 3, 1, 2);
        }
    }
}
