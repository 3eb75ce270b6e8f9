using MoCo.Contrast;

namespace Lab.Studies;

/// <summary>The dictionary's size K, for MoCo alone or for the three mechanisms.</summary>
internal static class DictionaryStudy
{
    /// <summary>Where batches of end-to-end learning end in the paper.</summary>
    private const int LargestBatch = 1024;

    private static readonly int[] Sizes = [256, 512, 1024, 4096, 16384, 65536];

    public static Study OfQueue(Ground ground) => Of("queue", "The queue's length", ground, [.. Queues(ground, series: "")]);

    public static Study OfMechanisms(Ground ground) => Of(
        "mechanisms", "Three mechanisms to keep a dictionary", ground, [.. Queues(ground, "MoCo"), .. Banks(), .. Batches(ground)]);

    private static Study Of(string name, string title, Ground ground, Trial[] trials)
    {
        Trial[] ours = [.. trials.Where(trial => trial.Series is "" or "MoCo")];
        List<Claim> claims = [new("MoCo gains from a larger dictionary", ours[^1].Name, ours[0].Name)];
        if (trials.Any(trial => trial.Series == Bank))
            claims.Add(new("The memory bank gains from a larger dictionary", $"{Bank}, K {Sizes[^1]:N0}", $"{Bank}, K {Sizes[0]:N0}"));
        claims.AddRange(trials.Where(trial => trial.Series == Batch).Select(trial => new Claim(
            "End-to-end learning is much like MoCo where the dictionary is small", trial.Name, $"MoCo, K {trial.Place}", IsAbove: false)));
        return new Study(
            name, title, "K", "He et al. 2019, Fig. 3 and section 4.1", "ImageNet-1k, linear classifier on a ResNet-50, top-1 in percent",
            trials)
        {
            IsOrdered = true,
            Claims = claims,
            Notes =
            [
                $"MoCo and the memory bank learn in batches of {ground.Recipe.Options.BatchSize}. End-to-end learning has its batch as "
                    + "dictionary, with the learning rate in proportion, so that it makes fewer steps in an epoch; it ends at "
                    + $"{LargestBatch:N0} as in the paper, or where the batch would be more than a quarter of the images.",
                BankStart,
                "A queue that is not shorter than the data leaves out keys of the query's own image. The memory bank draws K rows a step, "
                    + "with repetition.",
                "Of the paper's curves only the figures that its text and its momentum table name are shown.",
            ],
        };
    }

    /// <summary>What a memory bank is like in a short run.</summary>
    public const string BankStart = "A memory bank's rows are random until their image is seen, so that its first epoch asks for the "
        + "impossible: of a few epochs it says little.";

    private const string Bank = "memory bank", Batch = "end-to-end";

    private static IEnumerable<Trial> Queues(Ground ground, string series) =>
        Sizes.Where(size => size >= ground.Recipe.Options.BatchSize).Select(size => new Trial(
            $"{size:N0}", (found, _) => found.With(options => options with { Queue = options.Queue with { Length = size } }))
        {
            Series = series,
            Symbol = "K",
            Paper = size switch { 4096 => 59.0, 65536 => 60.6, _ => null },
        });

    private static IEnumerable<Trial> Banks() => Sizes.Select(size => new Trial(
        $"{size:N0}", (ground, _) => ground.With(options => options with
        {
            Method = MethodKind.MemoryBank,
            MemoryBank = options.MemoryBank with { Negatives = size },
        }))
    { Series = Bank, Symbol = "K", Paper = size == 65536 ? 58.0 : null });

    private static IEnumerable<Trial> Batches(Ground ground) =>
        Sizes.Where(size => size <= Math.Min(LargestBatch, ground.Images / 4)).Select(size => new Trial(
            $"{size:N0}", (found, _) => found.With(options => options with
            {
                Method = MethodKind.EndToEnd,
                BatchSize = size,
                Optimizer = options.Optimizer with { LearningRate = options.Optimizer.LearningRate * size / options.BatchSize },
            }))
        { Series = Batch, Symbol = "K" });
}
