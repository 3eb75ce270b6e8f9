using System.Text.Json.Nodes;
using MoCo.Benchmarks.CommandLines;
using MoCo.Benchmarks.Measuring;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Benchmarks;

/// <summary>Measures decoding and views in this process: our counterpart of pytorch/pipeline.py.</summary>
internal sealed class MeasurePipelineCommand : ICommand
{
    private const int BatchSize = 64;
    private const int WarmUpChunks = 40, FewestChunks = 10;

    public string Name => "measure-pipeline";

    public string Summary => "decoding and views in this process, as one line of JSON (what 'pipeline' starts)";

    public string Explanation =>
        "Measures here and now, in one thread, and prints one line of JSON: medians in milliseconds an image, the steps' means\n" +
        "in milliseconds a view, the loader's in pairs a second. 'pipeline' starts one such process a round; alone it serves\n" +
        "profilers. The parts take turns, but for the loader, which comes last.";

    public IReadOnlyList<Flag> Flags => PipelineJob.Flags;

    public int Run(CommandLine line)
    {
        PipelineJob job = PipelineJob.Parse(line);
        JsonObject result = new();
        string[] direct = [.. job.Parts.Where(PipelinePart.Direct.Contains)];
        double seconds = job.Seconds / (direct.Length > 0 && job.Parts.Contains(PipelinePart.Loader) ? 2 : 1);
        if (direct.Length > 0) MeasureDirect(job, direct, seconds, result);
        if (job.Parts.Contains(PipelinePart.Loader)) MeasureLoader(job, seconds, result);
        Console.WriteLine(result.ToJsonString());
        return 0;
    }

    private static void MeasureDirect(PipelineJob job, string[] names, double seconds, JsonObject result)
    {
        byte[][] files = Photographs.Read(job.Images);
        PipelineParts parts = new(files, job.MakeRecipe(), ImageDecoder.Default, ImageDecoder.Create(useTurboJpeg: false));
        Action[] actions = [.. names.Select(parts.Of)];
        Stopper stopper = new(() => { });
        // The runtime compiles hot code again, in the background: what runs before that is left out.
        stopper.Time(actions, seconds / 4, WarmUpChunks);
        parts.ForgetTimes();
        double[][] durations = stopper.Time(actions, seconds, FewestChunks);
        for (int i = 0; i < names.Length; i++)
            if (names[i] != PipelinePart.Steps) result[names[i]] = Math.Round(Statistics.Median(durations[i]) / PipelineParts.Chunk, 5);
        if (names.Contains(PipelinePart.Steps))
            foreach ((string step, double milliseconds) in parts.StepTimes())
                result[PipelinePart.StepPrefix + step] = Math.Round(milliseconds, 5);
        if (names.Contains(PipelinePart.Pair))
        {
            result[PipelinePart.PairCpu] = Math.Round(parts.PairCpuTime(), 5);
            result[PipelinePart.BytesPerImage] = parts.BytesPerImage();
        }
    }

    private static void MeasureLoader(PipelineJob job, double seconds, JsonObject result)
    {
        LoaderSpeed speed = LoaderSpeed.Measure(ImageSources.OpenFolder(job.Images), job.MakeRecipe(), BatchSize, job.Workers, seconds);
        result[PipelinePart.Loader] = Math.Round(speed.PairsPerSecond, 2);
        result[PipelinePart.LoaderCpu] = Math.Round(speed.PairsPerCpuSecond, 2);
        result[PipelinePart.LoaderBytesPerImage] = Math.Round(speed.BytesPerImage, 1);
    }
}
