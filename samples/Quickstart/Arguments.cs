namespace Quickstart;

/// <summary>The command line; what is null was not given.</summary>
/// <param name="Folder">The images; null: those that the run has, or Fashion-MNIST where it usually is.</param>
/// <param name="Minutes">For the whole job; null: five, or what a run that goes on has left.</param>
/// <param name="Epochs">In all; null: as the time allows.</param>
/// <param name="Size">Width and height of a view; null: from the images.</param>
internal sealed record Arguments(string? Folder, double? Minutes, int? Epochs, int? Seed, int? Size, int? Threads, string? Out)
{
    /// <summary>Share of images that may be unreadable; null: as is usual, or as the run has it.</summary>
    public double? MaximumErrorShare { get; init; }

    /// <summary>How names of images end; null: as is usual, or as the run has it.</summary>
    public IReadOnlyList<string>? Extensions { get; init; }

    private static readonly Argument<string?> FolderArgument = new("FOLDER") { Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<double?> MinutesOption = (Values.Above(0, 10_000) with { Hint = "M" }).Option("--minutes",
        "time for the whole job, what is measured before and after training included (default: 5). The learning rate follows the time, so "
            + "that training ends well whatever the machine's speed; at least half of the time is for training",
        value => (double?)value);
    private static readonly Option<int?> EpochsOption = Numbers.WholeOrAuto("--epochs",
        "train exactly N epochs, as far as the time allows; with --resume: N in all", 1, 100_000);
    private static readonly Option<string?> ResumeOption = new("--resume")
    {
        HelpName = "[FILE]",
        Description = "go on from a checkpoint (default: the output folder's): for what the run has left of its time or epochs; with "
            + "--minutes M: for M more minutes",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Option<string> OutOption = Values.Word("DIR").Option(
        "--out", "where the results go; those of an earlier run are replaced (default: artifacts/quickstart)");
    private static readonly Option<int?> SizeOption = Numbers.WholeOrAuto("--size",
        "width and height of a view, 8 to 512 (default: 28 for Fashion-MNIST; for photographs their usual shorter side, at most 128). Up "
            + "to 64 the encoder has the small-image stem", 8, 512);
    private static readonly Option<int?> SeedOption = Numbers.WholeOrAuto("--seed",
        "seed of weights, order and views (default: 0)", int.MinValue, int.MaxValue);
    private static readonly Option<int?> ThreadsOption = Numbers.WholeOrAuto("--threads",
        $"threads that compute (default: all processors, {Environment.ProcessorCount} here)", 1, 1024);

    private static readonly Option<double?> ErrorsOption = (Values.Number(0, 1) with { Hint = "SHARE" }).Option(
        DataFlags.MostErrors, DataFlags.MostErrorsHelp + " (default: 0.01)", value => (double?)value);
    private static readonly Option<string[]?> ExtensionsOption = DataFlags.ExtensionsOption();

    public static RootCommand Command(Func<Request, int> work)
    {
        Option[] options =
        [
            MinutesOption, EpochsOption, ResumeOption, OutOption, SizeOption, SeedOption, ThreadsOption, ErrorsOption, ExtensionsOption,
        ];
        RootCommand command = new() { FolderArgument };
        HelpPage page = new HelpPage().Add("""
            Pretrains a small ResNet on Fashion-MNIST or on your own images by Momentum Contrast, without looking at a label, and
            measures what its features are worth: k-nearest-neighbour accuracy of raw pixels, the untrained and the trained encoder.

              bash samples/quickstart.sh [FOLDER] [options]

            """).Add("FOLDER", "the files of Fashion-MNIST, MNIST, a relative of theirs or CIFAR, or photographs (JPEG, PNG, WebP, BMP, "
                + "GIF, TIFF) of any sizes: one folder for each class (every fifth image is kept for testing), or train/ and val/ with "
                + "such folders, or no classes, which trains without measuring accuracy (default: Debian's package dataset-fashion-mnist)");
        foreach (Option option in options)
        {
            command.Add(option);
            page.Add(option);
        }
        page.Add("""

            Writes a run's folder: checkpoints/last.ckpt (everything, to resume), backbone.safetensors (the weights to keep,
            torchvision's names), report.html, curve.svg, summary.json (accuracies in percent), metrics.csv and more.
            Ctrl-C finishes the step, saves and says how to go on; a second Ctrl-C ends at once.

            Examples
              bash samples/quickstart.sh                          the five-minute run
              bash samples/quickstart.sh --minutes 30             a longer one: better features
              bash samples/quickstart.sh --resume --minutes 10    train on for ten more minutes
              bash samples/quickstart.sh ~/photos --size 96       photographs, as views of 96×96
              bash samples/quickstart.sh ~/mnist --out ~/results  other images, other place

            Exit codes: 0 done; 2 wrong arguments or data; 130 stopped by Ctrl-C, 143 by SIGTERM (saved); 1 anything else.
            """).For(command);
        command.SetWork(parsed => work(Read(parsed)));
        return command;
    }

    private static Request Read(ParseResult parsed)
    {
        string? folder = parsed.GetValue(FolderArgument), checkpoint = parsed.GetValue(ResumeOption);
        bool resumes = parsed.GetResult(ResumeOption) is { Implicit: false };
        // A folder may follow --resume as well: only a file is taken for the checkpoint.
        if (folder is null && Directory.Exists(checkpoint)) (folder, checkpoint) = (checkpoint, null);
        if (folder is "") throw new UsageException("The folder is an empty text; expected the path of a folder.");
        if (resumes && parsed.GetValue(SeedOption) is not null)
            throw new UsageException("--seed can't be given with --resume: a run that goes on keeps its seed.");
        RunFolder run = new(NamedPath.NewFolder(OutOption.Name, parsed.GetValue(OutOption) ?? Places.Out));
        string last = Path.Combine(run.Checkpoints, "last.ckpt"), older = Path.Combine(run.Root, "moco.ckpt");
        if (resumes) checkpoint ??= !File.Exists(last) && File.Exists(older) ? older : last;
        Arguments arguments = new(folder, parsed.GetValue(MinutesOption), parsed.GetValue(EpochsOption), parsed.GetValue(SeedOption),
            parsed.GetValue(SizeOption), parsed.GetValue(ThreadsOption), parsed.GetValue(OutOption))
        {
            MaximumErrorShare = parsed.GetValue(ErrorsOption),
            Extensions = parsed.Given(ExtensionsOption),
        };
        return new Request(QuickJob.Usual, null, [], run.Root, checkpoint, Plain: false) { Job = new QuickJob(arguments, resumes) };
    }
}
