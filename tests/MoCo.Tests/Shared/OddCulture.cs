using System.Globalization;
using System.Runtime.CompilerServices;

namespace MoCo.Tests.Shared;

/// <summary>The whole suite runs as on the machine of a user whose numbers look unlike the invariant ones in every respect: what it
/// expects of messages, files and pages holds there too.</summary>
internal static class OddCulture
{
    [ModuleInitializer]
    internal static void Begin()
    {
        CultureInfo odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        NumberFormatInfo numbers = odd.NumberFormat;
        (numbers.NumberDecimalSeparator, numbers.NumberGroupSeparator, numbers.NumberGroupSizes) = (",", ".", [4]);
        (numbers.PercentDecimalSeparator, numbers.PercentGroupSeparator, numbers.PercentSymbol) = (",", ".", "pct");
        (numbers.NaNSymbol, numbers.PositiveInfinitySymbol, numbers.NegativeInfinitySymbol) = ("nenum", "unendlich", "-unendlich");
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = odd;
    }
}
