namespace Quickstart;

/// <summary>A run within minutes: measured before and after training, on whatever images there are, with options chosen for them.</summary>
internal sealed class QuickJob : Job
{
    private const double UsualMinutes = 5;
    private const int FewestImages = 64, HeldOutEvery = 5;

    private readonly Arguments arguments;

    public QuickJob(Arguments arguments, bool resumes)
    {
        this.arguments = arguments;
        (Looks, EpochLines, Replaces) = (10, 40, true);
        double minutes = arguments.Minutes ?? UsualMinutes;
        Budget = new Budget(TimeSpan.FromMinutes(minutes)) { IsGiven = !resumes || arguments.Minutes is not null };
    }

    public static Plan Usual { get; } = Plan.For("cifar") with
    {
        HoldOut = HeldOutEvery,
        Workers = 1,
        LookWorkers = new LoaderOptions().Workers,
    };

    public override string MoreTime => "--minutes M";

    public override Plan Ask(Plan plan)
    {
        string data = Path.GetFullPath(arguments.Folder ?? plan.Data ?? Places.Data);
        if (!Path.Exists(data)) throw new UsageException($"{data}: no such folder.\n\n{Places.HowTo}");
        plan = plan with { Data = data, Threads = arguments.Threads ?? Environment.ProcessorCount };
        if (arguments.MaximumErrorShare is double share) plan = plan with { MaximumErrorShare = share };
        if (arguments.Extensions is { } endings) plan = plan with { Extensions = endings };
        return arguments.Epochs is int epochs ? plan with { Options = plan.Options with { Epochs = epochs, Duration = null } } : plan;
    }

    public override (Plan, DataSet) Choose(Plan plan, DataSet data, bool isNew)
    {
        if (data.Train is not IImageSource images) throw new UsageException($"{plan.Data} has tar shards; samples/pretrain.sh takes them.");
        if (images.Count < FewestImages)
            throw new UsageException($"{plan.Data} has {images.Count} images to learn from; expected {FewestImages}, better thousands.");
        Recipe recipe = Recipe.For(images, arguments.Size ?? plan.ViewSize);
        MoCoOptions options = isNew ? recipe.Options : plan.Options;
        if (options.Encoder.Stem != recipe.Options.Encoder.Stem && options.Encoder.InputChannels == images.Channels)
            throw new UsageException(
                $"The run was trained with the stem {options.Encoder.Stem}, views of {recipe.Views.OutputSize} pixels take "
                + $"{recipe.Options.Encoder.Stem}; name the size that it was trained with: --size N.");
        if (isNew)
        {
            options = arguments.Epochs is int epochs ? options with { Epochs = epochs } : options with { Duration = Budget!.Given };
            // BatchNorm can't normalize a last batch of one.
            options = options with { Seed = arguments.Seed ?? 0, DropLastBatch = images.Count % options.BatchSize == 1 };
        }
        return base.Choose(plan with { Options = options }, data with { Views = new TwoCropRecipe(recipe.Views) }, isNew);
    }

    /// <remarks>A finished run needs to be given more of what it is measured in; an unfinished one has it.</remarks>
    public override string Again(string folder, MoCoTrainer trainer, bool isDone)
    {
        bool isTimed = trainer.Options.Duration is not null;
        (string Flag, object? Value)[] flags =
        [
            ("--epochs", isDone && !isTimed ? trainer.Options.Epochs * 2 : null),
            ("--size", arguments.Size),
            ("--out", arguments.Out),
            ("--minutes", isDone ? (isTimed ? arguments.Minutes ?? UsualMinutes : null) : (isTimed ? null : arguments.Minutes)),
            ("--threads", arguments.Threads),
        ];
        List<string> words = ["bash", Places.Script];
        if (arguments.Folder is not null) words.Add(arguments.Folder);
        words.Add("--resume");
        foreach ((string flag, object? value) in flags)
            if (value is not null) words.AddRange([flag, Values.Text(value)]);
        return string.Join(' ', words.Select(Quoted));
    }
}

/// <summary>Where things lie, where nothing else is said.</summary>
internal static class Places
{
    private const string DebianData = "/usr/share/datasets/fashion-mnist";

    private static readonly string Root = Above(AppContext.BaseDirectory) ?? Environment.CurrentDirectory;
    private static readonly string OwnData = Path.Combine(Root, "artifacts", "fashion-mnist");

    public static string Out { get; } = Path.Combine(Root, "artifacts", "quickstart");

    /// <summary>Where the laboratory writes.</summary>
    public static string Lab { get; } = Path.Combine(Root, "artifacts", "lab");

    public static string Script { get; } = Path.Combine(Root, "samples", "quickstart.sh");

    public static string Data => Directory.Exists(DebianData) ? DebianData : OwnData;

    /// <summary>How to come by the usual data.</summary>
    public static string HowTo { get; } = $"""
        Fashion-MNIST's four files, as they are or unpacked:
          train-images-idx3-ubyte.gz   train-labels-idx1-ubyte.gz
          t10k-images-idx3-ubyte.gz    t10k-labels-idx1-ubyte.gz
        Put them into {OwnData} and run the same command again, or name the folder that has them, or one with photographs:
          bash samples/quickstart.sh FOLDER
        On Debian and Ubuntu, `apt-get install dataset-fashion-mnist` brings them, and no folder need be named.
        Elsewhere: https://github.com/zalandoresearch/fashion-mnist ("Get the Data").
        """;

    private static string? Above(string? folder) =>
        folder is null || File.Exists(Path.Combine(folder, "MoCo.sln")) ? folder : Above(Path.GetDirectoryName(folder));
}
