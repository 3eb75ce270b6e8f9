using MoCo.Loading;
using MoCo.Tensors;
using MoCo.Training;
using Pretrain;

const int Done = 0, Failed = 1, Wrong = 2;

try
{
    if (Arguments.Read(args) is not { } request) return Done;
    TorchLibrary.Load();
    using var signals = new StopSignals();
    return new Run(request, request.Plain ? new PlainDisplay() : Display.ForThisConsole(), signals).Execute();
}
catch (UsageException error)
{
    Console.Error.WriteLine($"pretrain: {error.Message}\n\n--help says what can be given.");
    return Wrong;
}
catch (Exception error) when (error is TrainingDivergedException or LoaderException or IOException or UnauthorizedAccessException or DllNotFoundException)
{
    Console.Error.WriteLine($"pretrain: {error.Message}");
    return Failed;
}
