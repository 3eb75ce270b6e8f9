using Lab.Studies;
using Quickstart;

namespace Lab;

/// <summary>What the command line asks for.</summary>
/// <param name="Studies">One or more, to be done in this order.</param>
/// <param name="Threads">Threads that compute.</param>
/// <param name="Out">The folder, in which each study has one.</param>
internal sealed record LabRequest(Asked Asked, IReadOnlyList<string> Studies, int Threads, string Out);

/// <summary>The command line.</summary>
internal static class Arguments
{
    private const double UsualBudget = 60;
    private const int UsualSeeds = 3;

    private static readonly Option<string?> Data = Values.FullPath.Option<string?>(
        "--data", "the labelled images: one folder for each class, train/ and val/ with such folders, or the files of the MNIST family or "
            + "CIFAR (default: Fashion-MNIST where quickstart.sh finds it)", path => path);
    private static readonly Option<string> StudyOption = Values.OneOf(StudyList.Names).Option(
        "--study", "what is compared (default: momentum)").Or("momentum");
    private static readonly Option<double> Budget = (Values.Above(0, 100_000) with { Hint = "M" }).Option(
        "--budget", $"minutes for a study, measuring included (default: {Values.Text(UsualBudget)})").Or(UsualBudget);
    private static readonly Option<int> Seeds = Numbers.Whole("--seeds", $"runs of each row (default: {UsualSeeds})", UsualSeeds, 1, 100);
    private static readonly Option<string> Out = Values.Word("DIR").Option("--out", "where the studies go (default: artifacts/lab)");
    private static readonly Option<int?> Epochs = Numbers.WholeOrAuto(
        "--epochs", "of each run, whatever the budget; the same ones on every machine (default: as many as the slowest row has time for)",
        1, 100_000);
    private static readonly Option<int?> Images = Numbers.WholeOrAuto(
        "--images", "images to learn from, spread over the data (default: all of them)", 64, int.MaxValue);
    private static readonly Option<int?> Size = Numbers.WholeOrAuto(
        "--size", "width and height of a view, 8 to 512 (default: as quickstart.sh chooses)", 8, 512);
    private static readonly Option<double?> Width = (Values.Number(0.0625, 8) with { Hint = "FACTOR" }).Option(
        "--width", "factor on the encoder's widths, 0.0625 to 8 (default: 0.25)", value => (double?)value);
    private static readonly Option<int?> Threads = Numbers.WholeOrAuto(
        "--threads", $"threads that compute (default: all processors, {Environment.ProcessorCount} here)", 1, 1024);

    public static RootCommand Command(Action<LabRequest> work)
    {
        RootCommand command = new();
        HelpPage page = new HelpPage().Add("""
            Makes the papers' comparisons again on your images: trains what is compared, measures all in the same way, and shows
            the result as a table and a page with charts, the papers' figures beside ours, and in words what agrees.

              bash samples/lab.sh [--data DIR] [--study NAME] [options]

            """);
        foreach (Option option in new Option[] { Data, StudyOption, Budget, Seeds, Out, Epochs, Images, Size, Width, Threads })
        {
            command.Add(option);
            page.Add(option);
        }
        page.Add("""

            Studies
              momentum     m of the key encoder: 0, 0.9, 0.99, 0.999, 0.9999
              queue        the queue's length K: 256 to 65,536
              mechanisms   the same K for MoCo, the memory bank and end-to-end learning, whose dictionary is its batch
              methods      MoCo v1, v2, MoCHi, class oracle, end-to-end, SimCLR, memory bank, Contrastive Clustering, v3
              head-aug     linear or MLP head, with and without blur, with and without cosine schedule
              cost         memory and time of a step, MoCo and end-to-end, batches of 256 to 4,096
              all          momentum, mechanisms, methods, head-aug and cost, each with its own budget

            All runs of a study get the same number of epochs, fixed before the first by a measured pace: not the clock ends a run.
            Each study's folder has study.html, results.csv, study.json and runs/ with a run's folder for each run, which
            pretrain and evaluate take. Ctrl-C saves; the same command goes on at the run, and the step, where it stood.

            Exit codes: 0 done; 2 wrong arguments or data; 130 stopped by Ctrl-C, 143 by SIGTERM (saved); 1 anything else.
            """).For(command);
        command.SetWork(parsed => work(Read(parsed)));
        return command;
    }

    private static LabRequest Read(ParseResult parsed)
    {
        string data = Path.GetFullPath(parsed.GetValue(Data) ?? Places.Data);
        if (!Path.Exists(data)) throw new UsageException($"{data}: no such folder.\n\n{Places.HowTo}");
        Asked asked = new(
            data, parsed.GetValue(Images), parsed.GetValue(Seeds), parsed.GetValue(Budget), parsed.GetValue(Epochs), parsed.GetValue(Size),
            parsed.GetValue(Width));
        return new LabRequest(
            asked, StudyList.Expand(parsed.GetRequiredValue(StudyOption)), parsed.GetValue(Threads) ?? Environment.ProcessorCount,
            NamedPath.NewFolder(Out.Name, Path.GetFullPath(parsed.GetValue(Out) ?? Places.Lab)));
    }
}
