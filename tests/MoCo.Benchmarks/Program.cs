using MoCo.Benchmarks;
using MoCo.Benchmarks.CommandLines;
using MoCo.Benchmarks.Evaluating;

// One file a command: a new one is added here and nowhere else.
ICommand[] commands =
[
    new StepCommand(), new MeasureCommand(), new MeasureTorchSharpCommand(), new CheckPeersCommand(),
    new PipelineCommand(), new MeasurePipelineCommand(),
    new EvaluationCommand(), new MeasureEvaluationCommand(),
    new CheckpointCommand(), new CollapseCommand(),
    new ScaleCommand(), new MeasureScaleCommand(),
];

if (args is [] or ["--help" or "-h" or "help"])
{
    Console.WriteLine(Help.Of(commands));
    return args.Length == 0 ? 2 : 0;
}

try
{
    ICommand command = commands.FirstOrDefault(c => c.Name == args[0])
        ?? throw new UsageException(
            $"'{args[0]}' is no command; expected {string.Join(" or ", commands.Select(c => c.Name))}. --help tells more.");
    if (args.Skip(1).Any(a => a is "--help" or "-h"))
    {
        Console.WriteLine(Help.Of(command));
        return 0;
    }
    return command.Run(CommandLine.Parse(command, args.AsSpan(1)));
}
catch (UsageException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
catch (BenchmarkException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
