using System.Text.Json.Nodes;
using MoCo.Benchmarks.CommandLines;
using MoCo.Benchmarks.Measuring;
using MoCo.Benchmarks.Reporting;
using MoCo.Evaluation;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Linear;
using MoCo.Evaluation.Neighbours;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Benchmarks.Evaluating;

/// <summary>Measures our evaluation in this process: our counterpart of pytorch/evaluation.py.</summary>
internal sealed class MeasureEvaluationCommand : ICommand
{
    public string Name => "measure-evaluation";

    public string Summary => "linear probe and kNN in this process, as one line of JSON (what 'evaluation' starts)";

    public string Explanation =>
        "Measures a linear probe and kNN on random features here and now and prints one line of JSON: medians in\n" +
        "milliseconds. 'evaluation' starts one such process a round; alone it serves profilers.";

    public IReadOnlyList<Flag> Flags => EvaluationJob.Flags;

    public int Run(CommandLine line)
    {
        EvaluationJob job = EvaluationJob.Parse(line);
        set_num_threads(job.Threads);
        using FeatureSet training = RandomFeatures(job, job.Rows, 1), test = RandomFeatures(job, job.Queries, 2);
        LinearProbeOptions options = new() { LearningRates = EvaluationJob.LearningRates, Epochs = job.Epochs };
        ProbeResult? probe = null;
        Accuracy knn = default;
        (List<double> probeProcessor, List<double> knnProcessor) = ([], []);
        double[][] durations = new Stopper(() => { }).Time(
            [
                () => probeProcessor.Add(ProcessorTime(() => probe = LinearProbe.Train(training, test, options))),
                () => knnProcessor.Add(ProcessorTime(() => knn = KnnClassifier.Evaluate(training, test))),
            ],
            job.Seconds);

        Console.WriteLine(new JsonObject
        {
            [EvaluationJob.Probe] = Math.Round(Statistics.Median(durations[0]), 2),
            [EvaluationJob.Knn] = Math.Round(Statistics.Median(durations[1]), 2),
            [EvaluationJob.ProcessorTime(EvaluationJob.Probe)] = Math.Round(Statistics.Median(probeProcessor), 2),
            [EvaluationJob.ProcessorTime(EvaluationJob.Knn)] = Math.Round(Statistics.Median(knnProcessor), 2),
            ["probe_top1"] = Math.Round(probe!.Test.Top1, 4),
            ["probe_rate"] = probe.LearningRate,
            ["knn_top1"] = Math.Round(knn.Top1, 4),
            ["peak_memory_mb"] = MachineInfo.PeakMemory(),
            ["torch_version"] = __version__,
            ["threads"] = get_num_threads(),
            ["iterations"] = durations[0].Length,
        }.ToJsonString());
        return 0;
    }

    /// <summary>Milliseconds that all threads together computed.</summary>
    private static double ProcessorTime(Action action)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        action();
        return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds;
    }

    /// <summary>Vectors about one centre for each class, as pytorch/evaluation.py makes them: far enough apart to be told, not
    /// all.</summary>
    private static FeatureSet RandomFeatures(EvaluationJob job, int count, ulong seed)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator shared = new(0, CPU);
        using Generator own = new(seed, CPU);
        Tensor centres = randn(job.Classes, job.Dimension, dtype: ScalarType.Float32, generator: shared);
        Tensor labels = randint(0, job.Classes, [count], dtype: ScalarType.Int64, generator: own);
        Tensor noise = randn(count, job.Dimension, dtype: ScalarType.Float32, generator: own);
        using Scalar three = 3.ToScalar();
        Tensor minus = centres.index_select(0, labels).neg_();
        Tensor features = (noise.mul_(three) - minus).relu_();
        return new FeatureSet(features, [.. labels.data<long>().ToArray().Select(label => (int)label)]);
    }
}
