using Pretrain;

using StopSignals signals = new();
return CommandRun.Run("pretrain", Arguments.Command(Start), args, signals, "training had not begun");

int Start(Request request) => new Run(request, request.Plain ? new PlainDisplay() : Display.ForThisConsole(), signals).Execute();
