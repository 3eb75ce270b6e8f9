using Quickstart;

using StopSignals signals = new();
return CommandRun.Run("quickstart", Quickstart.Arguments.Command(Start), args, signals, "training had not begun");

int Start(Request request) => new Run(request, Display.ForThisConsole(), signals).Execute();
