namespace Samples.CommandLine;

/// <summary>The words of <c>--decode-scale</c>.</summary>
internal enum DecodeScale
{
    Full,
    Auto,
}
