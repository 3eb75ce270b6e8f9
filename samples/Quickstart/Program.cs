using MoCo.Loading;
using MoCo.Tensors;
using MoCo.Training;
using Quickstart;

try
{
    Arguments arguments = Arguments.Parse(args);
    if (arguments.Help)
    {
        Console.WriteLine(Usage.Text);
        return 0;
    }
    TorchLibrary.Load();
    using var signals = new StopSignals();
    return new Run(arguments, Display.ForThisConsole(), signals.Token).Execute();
}
catch (UsageException error)
{
    Console.Error.WriteLine($"quickstart: {error.Message}");
    Console.Error.WriteLine("\n--help says what can be given.");
    return 2;
}
catch (Exception error) when (error is TrainingDivergedException or LoaderException or IOException or UnauthorizedAccessException or DllNotFoundException)
{
    Console.Error.WriteLine($"quickstart: {error.Message}");
    return 1;
}
