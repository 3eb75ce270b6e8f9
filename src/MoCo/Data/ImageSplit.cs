namespace MoCo.Data;

/// <summary>The parts that a data set may come in.</summary>
public enum ImageSplit
{
    /// <summary>The images to learn from.</summary>
    Train,

    /// <summary>The images to be judged by.</summary>
    Test,
}
