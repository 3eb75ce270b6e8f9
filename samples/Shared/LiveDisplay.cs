using MoCo.Training;
using Spectre.Console;

namespace Samples;

/// <summary>A panel that is drawn anew at every logging interval, with the lines that stay above it.</summary>
internal sealed class LiveDisplay : Display
{
    private const int BarWidth = 28;
    private LiveDisplayContext? context;

    public override void Say(string line)
    {
        if (context is not null) AnsiConsole.WriteLine(line);
        // Spectre would break a long command into lines that can't be pasted.
        else base.Say(line);
    }

    public override FitResult During(Func<FitResult> train) =>
        AnsiConsole.Live(new Text("the first steps …")).AutoClear(true).Start(started =>
        {
            context = started;
            try
            {
                return train();
            }
            finally
            {
                context = null;
            }
        });

    public override void Show(RunStatus status) => context?.UpdateTarget(Panel(status));

    private static Panel Panel(RunStatus status)
    {
        TrainingProgress now = status.Progress;
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn(new GridColumn().NoWrap());
        Row("epoch", now.Epochs is int epochs ? $"{Math.Min(now.Epoch + 1, epochs)} of {epochs}" : $"{now.Epoch + 1}");
        Row("step", $"{now.Step:N0}{(status.Steps is long steps ? $" of {steps:N0}" : "")}  {Bar(now.Share)}");
        Row("loss", $"[bold]{now.Loss:F3}[/]  [grey]a guess has {now.ChanceLoss:F2}[/]");
        Row("contrast accuracy", $"{now.ContrastAccuracy:P1}");
        string pixels = status.KnnPixels is double known ? $"; raw pixels {known:F1} %" : "";
        if (status.Knn is double knn) Row("kNN", $"[bold]{knn:F1} %[/]  [grey]{status.KnnCalled}{pixels}[/]");
        if (now.ProbeAccuracy is double batches)
        {
            string test = status.Probe is double probe ? $"[bold]{probe:F1} %[/]  " : "";
            Row("online probe", $"{test}[grey]{batches:P1} of the batches[/]");
        }
        Row("learning rate", $"{now.LearningRate:F4}");
        Row("speed", $"{now.ImagesPerSecond:N0} images/s  [grey]{status.WaitShare:P0} waiting for data[/]");
        Row("time left", $"[bold]{status.TimeLeftText}[/]  [grey]Ctrl-C saves and stops[/]");
        return new Panel(grid).Header(" Momentum Contrast ").Border(BoxBorder.Rounded).BorderColor(Color.Grey).Padding(2, 0);

        void Row(string name, string value) => grid.AddRow(new Markup($"[grey]{name}[/]"), new Markup(value));
    }

    private static string Bar(double share)
    {
        int done = (int)Math.Round(BarWidth * Math.Clamp(share, 0, 1));
        return $"[green]{new string('━', done)}[/][grey]{new string('─', BarWidth - done)}[/]";
    }
}
