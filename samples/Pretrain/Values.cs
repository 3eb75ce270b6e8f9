using System.Globalization;

namespace Pretrain;

/// <summary>From text to values and back. What is wrong comes as a <see cref="FormatException"/> that says what was expected.</summary>
internal static class Values
{
    private static readonly (char Unit, TimeSpan Length)[] Units =
        [('d', TimeSpan.FromDays(1)), ('h', TimeSpan.FromHours(1)), ('m', TimeSpan.FromMinutes(1)), ('s', TimeSpan.FromSeconds(1))];

    public static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    public static string Text(bool value) => value ? "true" : "false";

    /// <summary>A member's name in lower case, as it is written on the command line.</summary>
    public static string Name<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    public static string Names<T>() where T : struct, Enum => string.Join('|', Enum.GetValues<T>().Select(Name));

    public static int Whole(string text, int least = int.MinValue, int most = int.MaxValue) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most
            ? value
            : throw new FormatException(least == int.MinValue ? "a whole number" : most == int.MaxValue ? $"a whole number, {least} or more" : $"a whole number, {least} to {most}");

    public static long? LongOrNone(string text) =>
        text == "none" ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value
        : throw new FormatException("a whole number or none");

    public static int? WholeOrNone(string text, int least) => text == "none" ? null : Whole(text, least);

    public static double Number(string text, double least = double.NegativeInfinity, double most = double.PositiveInfinity) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= least && value <= most
            ? value
            : throw new FormatException(double.IsInfinity(least) ? "a number" : $"a number, {Text(least)} to {Text(most)}");

    /// <summary>A time in the largest unit that it is a whole number of, in seconds otherwise.</summary>
    public static string Text(TimeSpan time)
    {
        foreach ((char unit, TimeSpan length) in Units)
            if (time.Ticks % length.Ticks == 0) return Text(time.Ticks / length.Ticks) + unit;
        return Text(time.TotalSeconds) + 's';
    }

    public static TimeSpan? TimeOrNone(string text)
    {
        if (text == "none") return null;
        foreach ((char unit, TimeSpan length) in Units)
            if (text.EndsWith(unit) && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count) && count * length.TotalDays < 10_000)
                return count * length;
        throw new FormatException("a time with its unit, such as 90m, 8h, 2d or 45s, or none");
    }

    public static bool Switch(string text) => text switch
    {
        "true" or "on" or "yes" => true,
        "false" or "off" or "no" => false,
        _ => throw new FormatException("true or false"),
    };

    public static T Choice<T>(string text) where T : struct, Enum
    {
        string plain = text.Replace("-", "", StringComparison.Ordinal);
        foreach (T value in Enum.GetValues<T>())
            if (Name(value).Equals(plain, StringComparison.OrdinalIgnoreCase)) return value;
        throw new FormatException($"one of {string.Join(", ", Enum.GetValues<T>().Select(Name))}");
    }

    public static IReadOnlyList<int> Wholes(string text)
    {
        string[] parts = text.Trim('[', ']').Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);
        List<int> values = [];
        foreach (string part in parts)
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int value)) throw new FormatException("whole numbers with commas between, such as 120,160");
            values.Add(value);
        }
        return values;
    }
}
