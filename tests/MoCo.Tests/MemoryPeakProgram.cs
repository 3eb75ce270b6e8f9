using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MoCo.Loading;
using static TorchSharp.torch;

namespace MoCo.Tests;

/// <summary>What the child process does: makes steps on views of noise and tells the most memory that it held.</summary>
internal static class MemoryPeakProgram
{
    /// <summary>The first argument that starts it; the options as JSON and the size of a view follow.</summary>
    public const string Name = "memory-peak";

    private const int Steps = 2;

    /// <summary>Runs it in a process of its own.</summary>
    /// <returns>Bytes.</returns>
    public static long Of(MoCoOptions options, int size)
    {
        (int code, string output, string errors) = OwnProgram.Run(0, Name, JsonSerializer.Serialize(options), $"{size}");
        Assert.True(code == 0, errors);
        return long.Parse(output, CultureInfo.InvariantCulture);
    }

    public static int Run(string[] task)
    {
        MoCoOptions options = JsonSerializer.Deserialize<MoCoOptions>(task[0])!;
        int size = int.Parse(task[1], CultureInfo.InvariantCulture);
        using MoCoTrainer trainer = new(options);
        set_num_threads(2);
        using TwoCropBatch batch = new(Views(), Views(), Enumerable.Range(0, options.BatchSize).ToArray(), 0, 0);
        for (int step = 0; step < Steps; step++) trainer.Step(batch);
        using Process process = Process.GetCurrentProcess();
        Console.WriteLine(process.PeakWorkingSet64);
        return 0;

        Tensor Views()
        {
            using Tensor memory = rand(options.BatchSize, size, size, options.Encoder.InputChannels);
            return memory.permute(0, 3, 1, 2);
        }
    }
}
