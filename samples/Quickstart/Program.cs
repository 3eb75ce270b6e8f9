using Quickstart;

const string Others = "pretrain";
using StopSignals signals = new();
RootCommand command = null!;
command = Quickstart.Arguments.Command(Start);
return CommandRun.Run("quickstart", command, args, signals, "training had not begun", Others);

int Start(Request request) => new Run(request, new OwnDisplay(Display.ForThisConsole(), Worded), signals).Execute();

string Worded(string line) => OwnFlags.In(line, command, Others);
