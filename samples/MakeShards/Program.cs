using System.Runtime.InteropServices;
using MakeShards;

const int Done = 0, Failed = 1, Stopped = 130;

using var stop = new CancellationTokenSource();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    return Arguments.Run(args, request =>
    {
        Display.Tell(Display.Show(progress => ShardMaker.Run(request, progress, stop.Token)));
        return Done;
    });
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("makeshards: stopped. The shards that were whole are kept, the one begun is not.");
    return Stopped;
}
catch (Exception error) when (error is IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"makeshards: {error.Message}");
    return Failed;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
