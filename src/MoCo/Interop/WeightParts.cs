namespace MoCo.Interop;

/// <summary>What is taken over from a file of weights.</summary>
[Flags]
public enum WeightParts
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The query encoder's backbone.</summary>
    Backbone = 1,

    /// <summary>The query encoder's projection head.</summary>
    Head = 2,

    /// <summary>The key encoder: its <see cref="Backbone"/> and its <see cref="Head"/>, as far as those are taken too.</summary>
    KeyEncoder = 4,

    /// <summary>The queue and its pointer.</summary>
    Queue = 8,

    /// <summary>Backbone and head.</summary>
    Encoder = Backbone | Head,

    /// <summary>Everything that the file has.</summary>
    All = Backbone | Head | KeyEncoder | Queue,
}
