using Quickstart;

using StopSignals signals = new();
return CommandRun.Run("quickstart", Arguments.Command(Start), args, signals, "training had not begun");

int Start(Pretrain.Request request) => new Pretrain.Run(request, Display.ForThisConsole(), signals).Execute();
