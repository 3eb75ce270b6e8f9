using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Evaluation;

/// <summary>Evaluation mode for a module as long as this object lives; then every submodule is what it was, also where some
/// were frozen in evaluation mode before.</summary>
internal sealed class EvaluationMode : IDisposable
{
    private readonly List<(nn.Module Module, bool Training)> before;

    internal EvaluationMode(nn.Module module)
    {
        // The module itself is not among its named_modules; parents come before their children there.
        before = [(module, module.training), .. module.named_modules().Select(named => (named.module, named.module.training))];
        module.eval();
    }

    /// <summary>Restores the modes.</summary>
    public void Dispose()
    {
        // train() reaches down to the children, so parents go first.
        foreach (var (module, training) in before)
            module.train(training);
    }
}
