namespace MoCo.Data;

/// <summary>The memory of one batch on its way from the workers to the consumer.</summary>
internal sealed class ViewSlot(float[][] views)
{
    /// <summary>One array for each view of the pictures, N×H×W×C.</summary>
    internal float[][] Views { get; } = views;

    internal int Batch { get; set; } = -1;

    /// <summary>Pictures not yet done; 0: ready for the consumer.</summary>
    internal int Left { get; set; }

    /// <summary>The fault at the lowest place: the same one whichever worker was first.</summary>
    internal LoaderException? Fault { get; set; }

    internal int FaultPlace { get; set; }
}
