namespace MoCo.Contrast;

/// <summary>Seeds for generators that are made anew at every step, so that a run that is resumed draws what it would have drawn.</summary>
internal static class SeedMix
{
    /// <summary>Spreads neighbouring seeds and steps over all 63 bits (splitmix64).</summary>
    public static ulong Of(long seed, long step)
    {
        unchecked
        {
            ulong z = (ulong)seed * 0x9E3779B97F4A7C15 + (ulong)step * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (z ^ (z >> 31)) & long.MaxValue;
        }
    }
}
