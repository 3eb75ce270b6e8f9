namespace MoCo.Data;

/// <summary>The parts that a data set may come in.</summary>
public enum ImageSplit
{
    /// <summary>The pictures to learn from.</summary>
    Train,

    /// <summary>The pictures to be judged by.</summary>
    Test,
}
