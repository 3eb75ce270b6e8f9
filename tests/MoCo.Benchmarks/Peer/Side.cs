namespace MoCo.Benchmarks.Peer;

/// <summary>Whose step a process measures.</summary>
internal enum Side
{
    /// <summary>This library.</summary>
    Ours,

    /// <summary>The official code's step in plain TorchSharp and TorchVision, on the same libtorch as ours.</summary>
    TorchSharp,

    /// <summary>pytorch/step.py as anybody would start it.</summary>
    PyTorch,

    /// <summary>pytorch/step.py with OMP_WAIT_POLICY=passive, which keeps libgomp's threads from spinning in the way of OpenBLAS's: we must
    /// not win by a setting that the other side only has to know of.</summary>
    PyTorchPassive,
}
