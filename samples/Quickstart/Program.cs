using Quickstart;
using Samples.CommandLine;

using var signals = new StopSignals();
return CommandRun.Run("quickstart", Arguments.Command(Start), args, signals, "the last checkpoint stands");

int Start(Pretrain.Request request) => new Pretrain.Run(request, Display.ForThisConsole(), signals).Execute();
