namespace MoCo.Imaging.Jpeg;

/// <summary>How libturbojpeg ended.</summary>
internal enum TurboJpegResult
{
    /// <summary>Nothing to remark.</summary>
    Clean,

    /// <summary>There are pixels, and something was wrong with the file.</summary>
    Warned,

    /// <summary>No pixels.</summary>
    Refused,
}
