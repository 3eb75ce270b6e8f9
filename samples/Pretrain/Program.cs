using MoCo.Distributed;
using Pretrain;

using StopSignals signals = new();
return CommandRun.Run("pretrain", Arguments.Command(Start), args, signals, "training had not begun");

int Start(Request request)
{
    // Launchers give ranks a terminal of their own making.
    bool isPlain = request.Plain || LaunchEnvironment.Read().Size > 1;
    return new Run(request, isPlain ? new PlainDisplay() : Display.ForThisConsole(), signals).Execute();
}
