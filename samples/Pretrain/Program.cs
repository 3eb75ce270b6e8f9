using MoCo.Distributed;
using Pretrain;

using StopSignals signals = new();
return CommandRun.Run("pretrain", Arguments.Command(Start), args, signals, "training had not begun");

int Start(Request request)
{
    // Launchers give ranks a terminal of their own making.
    bool isPlain = request.Plain || LaunchEnvironment.Read().Size > 1;
    Display display = isPlain ? new PlainDisplay() : Display.ForThisConsole();
    if (request.Replay is not null) return ReplayPage.Show(request, display);
    return request.Memory is null ? new Run(request, display, signals).Execute() : PlanPage.Show(request, display);
}
