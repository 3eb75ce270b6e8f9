using MoCo.Contrast;
using MoCo.Contrast.Negatives;
using MoCo.Distributed;
using MoCo.Training.Checkpoints;

namespace Pretrain.Plans;

/// <summary>Everything that a run is asked to be: by a preset, a file of options and the command line, each over the one before.</summary>
internal sealed record Plan
{
    public const string UsualPreset = "v2", V3 = "v3", V3ViT = "v3-vit";

    private static readonly OrderedDictionary<string, (MoCoOptions Options, double? MinimumArea)> Recipes = new()
    {
        ["v1"] = (MoCoOptions.V1, null),
        ["v2"] = (MoCoOptions.V2, null),
        [V3] = (MoCoOptions.V3, null),
        [V3ViT] = (MoCoOptions.V3ViT, 0.08),
        ["cifar"] = (MoCoOptions.Cifar, null),
    };

    public static IReadOnlyList<string> Presets => Recipes.Keys;

    public string Preset { get; private init; } = UsualPreset;

    /// <summary>The method's and the training's options.</summary>
    public MoCoOptions Options { get; init; } = MoCoOptions.V2;

    /// <summary>The images, a path a line; null: none were named.</summary>
    public string? Data { get; init; }

    /// <summary>Whose paths they are, as they are told.</summary>
    public string? DataName => Data?.Replace("\n", " and ", StringComparison.Ordinal);

    /// <summary>The share of the images that is learnt from.</summary>
    public double Fraction { get; init; } = 1;

    public long FractionSeed { get; init; }

    /// <summary>Labelled images that the kNN monitor asks about, a path a line; null: the data's own test part, or a held-out
    /// one.</summary>
    public string? Test { get; init; }

    /// <summary>Where the data has labels and no test part, every n-th image of a class is kept from training; 0: none.</summary>
    public int HoldOut { get; init; } = 10;

    public bool? Labels { get; init; }

    /// <summary>How names of images end; null: as is usual.</summary>
    public IReadOnlyList<string>? Extensions { get; init; }

    /// <summary>How names of labels in shards end; null: as is usual.</summary>
    public IReadOnlyList<string>? LabelExtensions { get; init; }

    /// <summary>The column of labels in Parquet files; null: as is usual.</summary>
    public string? LabelColumn { get; init; }

    public double MaximumErrorShare { get; init; } = new LoaderOptions().MaximumErrorShare;

    public bool DecodeSmaller { get; init; }

    public int Prefetch { get; init; } = new LoaderOptions().PrefetchBatches;

    /// <summary>Null: what the preset and the images call for.</summary>
    public ViewKind? Views { get; init; }

    /// <summary>The key's; null: as <see cref="Views"/>.</summary>
    public ViewKind? KeyViews { get; init; }

    /// <summary>Width and height of a view; null: the preset's, for the MNIST family the images'.</summary>
    public int? ViewSize { get; init; }

    /// <summary>Small views of each image beside the two.</summary>
    public int SmallViews { get; init; }

    /// <summary>Their width and height; null: in the proportion of SwAV's.</summary>
    public int? SmallSize { get; init; }

    /// <summary>The shares of an image that they show; null: SwAV's.</summary>
    public (double Least, double Most)? SmallScale { get; init; }

    public double? MinimumArea { get; init; }

    public double? FlipProbability { get; init; }

    /// <summary>Weights to begin with.</summary>
    public string? Init { get; init; }

    /// <summary>Epochs between two looks of the kNN monitor; 0: none.</summary>
    public int KnnEvery { get; init; } = 10;

    public int KnnNeighbours { get; init; } = 200;

    public CheckpointPolicy Saving { get; init; } = new();

    public string Device { get; init; } = "cpu";

    /// <summary>Threads that load images.</summary>
    public int Workers { get; init; } = new LoaderOptions().Workers;

    /// <summary>The same while accuracy is measured and training waits; null: as many.</summary>
    public int? LookWorkers { get; init; }

    /// <summary>Steps between two rows of the metrics.</summary>
    public int LogEverySteps { get; init; } = 20;

    /// <summary>Steps between two looks at how the embeddings lie; 0: none.</summary>
    public int CollapseEverySteps { get; init; } = 100;

    /// <summary>Threads that compute.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>The plan that a preset stands for.</summary>
    /// <exception cref="UsageException">There is no such preset.</exception>
    public static Plan For(string preset) => Recipes.TryGetValue(preset, out (MoCoOptions Options, double? MinimumArea) recipe)
        ? new Plan { Preset = preset, Options = recipe.Options, MinimumArea = recipe.MinimumArea }
        : throw new UsageException(
            $"--preset is '{preset}'; expected {string.Join(", ", Presets)}.{Nearest.Question(preset, Presets)}");

    /// <summary>Where the queue is not shorter than the data, so that an image meets its own earlier keys, those leave the
    /// softmax.</summary>
    public Plan WithoutOwnKeys(DataSet data) =>
        Options.Method == MethodKind.MoCo && Options.Queue.LeaveOut == KeyExclusion.None
            && data.Train is IImageSource && Options.Queue.Length >= data.Count
            ? this with { Options = Options with { Queue = Options.Queue with { LeaveOut = KeyExclusion.OwnImage } } }
            : this;

    /// <summary>The options with a memory bank for so many images.</summary>
    public static MoCoOptions OfSize(MoCoOptions options, long images) =>
        options with { MemoryBank = options.MemoryBank with { Samples = (int)Math.Min(images, int.MaxValue) } };

    /// <summary>The plan of one of several processes of a machine, which share its cores; what was asked for stays.</summary>
    /// <param name="flags">What was set in so many words.</param>
    /// <param name="launched">The processes.</param>
    public Plan Among(IReadOnlyCollection<string> flags, LaunchEnvironment launched) => launched.LocalSize == 1 ? this : this with
    {
        Threads = flags.Contains("threads") ? Threads : Math.Max(1, Environment.ProcessorCount / launched.LocalSize),
        Workers = flags.Contains("workers") ? Workers : Math.Max(1, new LoaderOptions().Workers / launched.LocalSize),
    };

    /// <summary>As below, for one process.</summary>
    public void Validate() => Validate(1);

    /// <summary>Checks what can be checked without opening files: values, and that there is something where paths lead.</summary>
    /// <param name="processes">Processes that train together.</param>
    /// <exception cref="UsageException">All that is wrong, by the flags' names.</exception>
    public void Validate(int processes)
    {
        if (Data is null)
            throw new UsageException("--data is missing; expected a folder of images, of the MNIST family's or CIFAR's files, a list of "
                + "images, or a pattern of tar shards or Parquet files.");
        try
        {
            (Options.Method == MethodKind.MemoryBank ? OfSize(Options, long.MaxValue) : Options).Validate(processes);
            Saving.Validate();
            if (SmallViews > 0 && Options.Method is not (MethodKind.MoCo or MethodKind.MoCoV3))
                throw new UsageException($"--small-views is {SmallViews}; expected 0 with --method {Values.Text(Options.Method)}: small "
                    + "views are queries of MoCo's and MoCo v3's keys.");
        }
        catch (ArgumentException error)
        {
            throw new UsageException(Settings.InFlags(error.Message));
        }
        CheckSmallViews();
        foreach ((string flag, string? paths) in (ReadOnlySpan<(string, string?)>)[("--data", Data), ("--test", Test), ("--init", Init)])
            foreach (string path in paths is null ? [] : Values.Lines(paths))
                if (!Path.Exists(path) && !path.AsSpan().ContainsAny('{', '*', '?'))
                    throw new UsageException($"{flag} is {path}, and there is no such file or folder.");
    }

    /// <exception cref="UsageException">Something is asked of small views, and none are.</exception>
    public void CheckSmallViews() => UsageException.ThrowIf(
        SmallViews == 0 && (SmallSize is not null || SmallScale is not null),
        $"{(SmallSize is null ? "--small-scale" : "--small-size")} has no effect, since there are no small views; expected --small-views "
            + "N too.");
}
