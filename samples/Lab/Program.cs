using Lab;
using Lab.Cost;
using Lab.Studies;

using StopSignals signals = new();
Display display = Display.ForThisConsole();
RootCommand command = Lab.Arguments.Command(Work);
command.Add(StepCommand.Create());
return CommandRun.Run("lab", command, args, signals, "what is done is saved, and the same command goes on from there");

void Work(LabRequest request)
{
    foreach (string name in request.Studies) request.Asked.CheckSame(Path.Combine(request.Out, name));
    set_num_threads(request.Threads);
    Ground ground = Ground.Open(request.Asked, request.Threads);
    foreach (string line in ground.Data.Found(request.Asked.Data)) display.Say(line);
    foreach (string name in request.Studies)
    {
        string folder = Path.Combine(request.Out, name);
        if (name == StudyList.Cost) new CostStudy(ground, request, folder, display, signals.Token).Execute();
        else new StudyRun(StudyList.Get(name, ground), ground, request.Asked, folder, display, signals).Execute();
    }
}
