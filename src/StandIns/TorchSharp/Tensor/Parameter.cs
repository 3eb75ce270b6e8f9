using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A tensor that modules register as a parameter. It takes over the data's native tensor and place in its scope.</summary>
public class Parameter : Tensor
{
    public Parameter(Tensor data, bool requires_grad = true)
        : base(data.with_requires_grad(requires_grad).MoveHandle(), false) => DisposeScope.ReplaceWith(data, this);

    internal Parameter(nint handle)
        : base(handle)
    {
    }
}
