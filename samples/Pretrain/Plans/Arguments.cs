namespace Pretrain.Plans;

/// <summary>What the command line asks for.</summary>
/// <param name="Plan">The run, as presets, file and flags say.</param>
/// <param name="Preset">The preset, if it was asked for in so many words.</param>
/// <param name="Flags">What was set by the command line or the options file, with where it was set; to lay over a run that goes on.</param>
/// <param name="Out">The run's folder.</param>
/// <param name="Resume">auto, or a checkpoint's file; null: a new run.</param>
internal sealed record Request(
    Plan Plan, string? Preset, IReadOnlyList<(Setting Setting, ParseResult Source)> Flags, string Out, string? Resume, bool Plain)
{
    public const string Automatic = "auto";

    public Job Job { get; init; } = new();

    /// <summary>Bytes that the run is to fit into, where its memory is to be planned instead of training; null: it trains.</summary>
    public long? Memory { get; init; }

    /// <summary>The batch of a step that is to be made again instead of training; null: it trains.</summary>
    public string? Replay { get; init; }
}

/// <summary>The command line.</summary>
internal static class Arguments
{
    private static readonly Option<string> Preset = Values.OneOf(Plan.Presets).Option(
        "--preset", "the recipe that everything else is a change to: the paper's, its successors', v3's for vision transformers, or "
            + "the authors' for CIFAR-10 [v2]");
    private static readonly Option<string> File = Values.Word("FILE.json").Option(
        "--options", "flags from a file: { \"arch\": \"resnet18\", \"epochs\": 100 }; a run's own options.json is one. Flags on the "
            + "command line win");
    private static readonly Option<string> Out = Values.Word("DIR").Option("--out", "the run's folder, made if missing; one run a folder");
    private static readonly Option<string?> Resume = new("--resume")
    {
        HelpName = "[auto|FILE]",
        Description = "go on: auto takes the newest whole checkpoint in --out, and begins where there is none; a file must be there. "
            + "Data and options are those of the run that goes on; flags may change what a checkpoint is not bound to",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Option<long> Memory = new("--plan")
    {
        HelpName = "[MEMORY]",
        Description = "don't train: print what memory the run takes on a CPU, the largest batch that fits into MEMORY, such as 16GB, and "
            + "what recipe suits so many images; nothing is written. Default: this machine's memory",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result =>
        {
            if (result.Tokens is not [{ Value: string text }]) return GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            try
            {
                return Values.Memory.Parse(text);
            }
            catch (FormatException error)
            {
                result.AddError($"--plan is '{text}'; expected {error.Message}.");
                return 0;
            }
        },
    };
    private static readonly Option<string?> Replay = new("--replay")
    {
        HelpName = "FILE",
        Description = "don't train: make the step again whose batch a run wrote into its folder bad, and say where numbers cease to be "
            + "finite; --device and --precision may be given",
    };
    private static readonly Option<bool> Plain
        = new("--plain") { Description = "lines instead of a panel that is drawn anew, also on a terminal" };

    /// <summary>The options that say what happens to a run, in the order of the help.</summary>
    public static IReadOnlyList<Option> OfTheRun { get; } = [Out, Preset, File, Resume, Memory, Replay, Plain];

    public static RootCommand Command(Func<Request, int> work)
    {
        RootCommand command = new();
        foreach (Option option in OfTheRun.Concat(Settings.All.Select(setting => setting.Option))) command.Add(option);
        HelpText.Page().For(command);
        command.SetWork(parsed => work(Read(parsed)));
        return command;
    }

    /// <summary>To go on with the run in a folder from its newest checkpoint, whatever it was asked for.</summary>
    public static Request GoingOn(string folder) => Read(Command(_ => 0).Parse([Out.Name, folder, Resume.Name]));

    /// <exception cref="UsageException">A flag is unknown, lacks its value or has a wrong one, or the options file is wrong.</exception>
    public static Request Read(ParseResult parsed)
    {
        if (CommandRun.Errors(parsed).FirstOrDefault() is { } error) throw new UsageException(error);
        string? replay = parsed.GetValue(Replay);
        long? memory = parsed.GetResult(Memory) is { Implicit: false } ? parsed.GetValue(Memory) : null;
        string? resume = parsed.GetResult(Resume) is { Implicit: false } ? parsed.GetValue(Resume) ?? Request.Automatic : null;
        string folder = parsed.GetValue(Out) ?? "";
        if (folder.Length == 0 && (memory is null || resume == Request.Automatic) && replay is null)
            throw new UsageException("--out is missing; expected the folder that the run is to be kept in.");
        if (folder.Length > 0) NamedPath.NewFolder(Out.Name, folder);
        SettingsFile? file = parsed.GetValue(File) is { } path
            ? SettingsFile.Read(NamedPath.File(File.Name, path, "a file of options, such as a run's options.json")) : null;
        string? preset = parsed.GetValue(Preset) ?? file?.Preset;
        // Flags win over the file.
        List<(Setting, ParseResult)> flags = [];
        foreach (Setting setting in Settings.All)
        {
            if (setting.IsIn(parsed)) flags.Add((setting, parsed));
            else if (file?.Has(setting) == true) flags.Add((setting, file.Flags));
        }
        Plan plan = Settings.Apply(flags, Plan.For(preset ?? Plan.UsualPreset));
        return new Request(plan, preset, flags, folder, resume, parsed.GetValue(Plain)) { Memory = memory, Replay = replay };
    }
}
