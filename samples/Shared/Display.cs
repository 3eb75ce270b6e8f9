using MoCo.Training;

namespace Samples;

/// <summary>Shows how a run does: live on a terminal, as plain lines in a file or pipe.</summary>
internal abstract class Display
{
    public static Display ForThisConsole() =>
        Terminal.IsLive ? new LiveDisplay() : new PlainDisplay();

    /// <summary>Prints a line that stays.</summary>
    public abstract void Say(string line);

    /// <summary>Shows progress while <paramref name="train"/> runs.</summary>
    public abstract FitResult During(Func<FitResult> train);

    /// <summary>Tells how far training is.</summary>
    public abstract void Show(RunStatus status);
}
