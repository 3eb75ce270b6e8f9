namespace MoCo.Encoders.ResNets;

/// <summary>A layer that knows whether anything wants to hear of its passes: then it must be called, and can't be fused with
/// others.</summary>
internal abstract class HookedLayer(string name) : nn.Module<Tensor, Tensor>(name)
{
    /// <summary>Whether hooks are registered.</summary>
    public bool IsHooked => pre_hooks.Count + post_hooks.Count + module_pre_hooks.Count + module_post_hooks.Count > 0;
}
