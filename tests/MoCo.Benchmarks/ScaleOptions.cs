using MoCo.Benchmarks.CommandLines;
using MoCo.Benchmarks.Scaling;

namespace MoCo.Benchmarks;

/// <summary>What the user asked <c>scale</c> for.</summary>
internal sealed record ScaleOptions(
    bool ModelOnly, string? Launcher, IReadOnlyList<int> Ranks, int Rounds, ScaleJob Job, bool Markdown,
    IReadOnlyList<int> ClusterRanks, int GpuBatch, int GpuSide, double GpuMilliseconds, IReadOnlyList<int> Networks, bool IsNetworkOfGpu,
    int GpusPerNode, double NvLink, double Latency)
{
    private const double MeasuredMilliseconds = 82.9, MeasuredBatch = 256; // samples/docs/speed.md: one H200, float32

    public static IReadOnlyList<Flag> Flags { get; } =
    [
        new("--model", null, "print the forecast alone: nothing is measured here"),
        new("--launcher", "PROGRAM", "mpirun or mpiexec (default: the first of mpirun.openmpi, mpiexec.mpich, mpirun, mpiexec)"),
        new("--ranks", "LIST", "ranks to measure here (default: 1,2,4)"),
        new("--rounds", "N", "turns (default: 3)"),
        .. ScaleJob.Flags,
        new("--markdown", null, "print the tables as Markdown"),
        new("--forecast", "LIST", "ranks of the forecast (default: 8,16,64,256,1024)"),
        new("--gpu-batch", "N", "images of a GPU in the forecast (default: 32)"),
        new("--gpu-size", "PIXELS", "side of an image in the forecast (default: 224)"),
        new("--gpu-ms", "MS", "a GPU's step without the others (default: 82.9 ms for 256 images, in proportion)"),
        new("--networks", "LIST", "Gbit/s (default: 10,100,400)"),
        new("--network-of", "WHAT", "node: the GPUs of a node share a network card; gpu: each has one (default: node)"),
        new("--node", "N", "GPUs of a node (default: 8)"),
        new("--nvlink", "GB/S", "GB a second that a GPU sends within its node (default: 450)"),
        new("--latency", "US", "microseconds of a message (default: 10)"),
    ];

    public static ScaleOptions Parse(CommandLine line)
    {
        int batch = line.Whole("--gpu-batch", 32, 2, 65536);
        IReadOnlyList<int> ranks = line.Wholes("--ranks", [1, 2, 4], 1, 1024);
        if (!ranks.Contains(1)) throw new UsageException("--ranks has no 1; expected it among them, since one rank's step is the model's.");
        return new ScaleOptions(
            line.Has("--model"), line.Text("--launcher"), ranks, line.Whole("--rounds", 3, 1, 1000), ScaleJob.Parse(line),
            line.Has("--markdown"),
            line.Wholes("--forecast", [8, 16, 64, 256, 1024], 1, 1 << 24), batch, line.Whole("--gpu-size", 224, 8, 4096),
            line.Number("--gpu-ms", MeasuredMilliseconds * batch / MeasuredBatch, 0.001, 1e6),
            line.Wholes("--networks", [10, 100, 400], 1, 1_000_000), line.Choice("--network-of", "node", "gpu") == "gpu",
            line.Whole("--node", 8, 1, 1024), line.Number("--nvlink", 450, 0.001, 1e6), line.Number("--latency", 10, 0, 1e6));
    }

    /// <summary>Networks between nodes, and one without nodes: all GPUs on each other's links.</summary>
    public IEnumerable<Cluster> Clusters()
    {
        double link = NvLink * 1e9, latency = Latency * 1e-6;
        foreach (int gigabits in Networks)
            yield return new Cluster(
                $"{gigabits} Gbit/s", GpusPerNode, link, gigabits * 1e9 / 8 * (IsNetworkOfGpu ? GpusPerNode : 1), latency);
        yield return new Cluster("NVLink", int.MaxValue, link, link, latency);
    }
}
