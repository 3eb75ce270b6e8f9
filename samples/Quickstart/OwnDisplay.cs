using MoCo.Training;

namespace Quickstart;

/// <summary>A display of what <c>pretrain</c> says, in this program's words.</summary>
internal sealed class OwnDisplay(Display display, Func<string, string> word) : Display
{
    public override void Say(string line) => display.Say(word(line));

    public override FitResult During(Func<FitResult> train) => display.During(train);

    public override void Show(RunStatus status) => display.Show(status);
}
