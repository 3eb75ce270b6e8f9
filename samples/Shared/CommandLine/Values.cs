using System.Numerics;

namespace Samples.CommandLine;

/// <summary>The kinds of values that the programs take, and values as text. Numbers are in invariant notation.</summary>
internal static class Values
{
    private const char LineEnd = '\n';

    private static readonly (char Unit, TimeSpan Length)[] Units =
        [('d', TimeSpan.FromDays(1)), ('h', TimeSpan.FromHours(1)), ('m', TimeSpan.FromMinutes(1)), ('s', TimeSpan.FromSeconds(1))];

    public static ValueKind<bool> Switch { get; } = new("[true|false]", text => text switch
    {
        "true" or "on" or "yes" => true,
        "false" or "off" or "no" => false,
        _ => throw new FormatException("true or false"),
    });

    /// <summary>Any text.</summary>
    public static ValueKind<string> Word(string hint) => new(hint, text => text);

    /// <summary>A file, a folder or a pattern of files, as a full path: what is written down may be read from another folder.</summary>
    public static ValueKind<string> FullPath { get; } =
        new("PATH", text => string.IsNullOrWhiteSpace(text) ? throw new FormatException("a path") : Path.GetFullPath(text));

    /// <summary>Several of them, each given by itself: names of files have commas.</summary>
    public static ValueKind<string[]> FullPaths { get; } =
        new(FullPath.Hint, text => [.. Lines(text).Select(FullPath.Parse)]) { Separator = LineEnd };

    /// <summary>Several things that are named as they are.</summary>
    public static ValueKind<string[]> Words(string hint) => new(hint, Lines) { Separator = LineEnd };

    /// <summary>A time in the largest unit that it is a whole number of, in seconds otherwise.</summary>
    public static ValueKind<TimeSpan> Time { get; } = new("TIME", text =>
    {
        foreach ((char unit, TimeSpan length) in Units)
            if (text.EndsWith(unit) && Number(text[..^1]) is double count and >= 0 && count * length.TotalDays < 10_000)
                return count * length;
        throw new FormatException("a time with its unit, such as 90m, 8h, 2d or 45s");
    });

    /// <summary>Bytes, in units of thousands as disks and plans are told.</summary>
    public static ValueKind<long> Memory { get; } = new("MEMORY", text =>
    {
        foreach ((string unit, double size) in (ReadOnlySpan<(string, double)>)[("TB", 1e12), ("GB", 1e9), ("MB", 1e6)])
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase) && Number(text[..^2]) is double count and > 0 and < 1000)
                return (long)(count * size);
        throw new FormatException("memory with its unit, such as 16GB or 800MB");
    });

    public static ValueKind<int[]> Wholes { get; } = new("N,N", text =>
    {
        string[] parts = text.Trim('[', ']').Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);
        return [.. parts.Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value
            : throw new FormatException("whole numbers with commas between, such as 120,160"))];
    });

    public static ValueKind<T> Whole<T>(T? least = null, T? most = null) where T : struct, IBinaryInteger<T> => new("N", text =>
        T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out T value)
            && (least is not T low || value >= low) && (most is not T high || value <= high) ? value
        : throw new FormatException((least, most) switch
        {
            (null, _) => "a whole number",
            (_, null) => $"a whole number, {least} or more",
            _ => $"a whole number, {least} to {most}",
        }));

    public static ValueKind<double> Number() => new("X", text => Number(text) ?? throw new FormatException("a number"));

    public static ValueKind<double> Number(double least, double most) => new("X", text =>
        Number(text) is double value && value >= least && value <= most ? value
        : throw new FormatException($"a number, {Text(least)} to {Text(most)}"));

    public static ValueKind<double> Above(double bound, double most) => new("X", text =>
        Number(text) is double value && value > bound && value <= most ? value
        : throw new FormatException($"a number above {Text(bound)}, at most {Text(most)}"));

    /// <summary>A range of shares of something.</summary>
    public static ValueKind<(double Least, double Most)> Shares { get; } = new("LOW,HIGH", text =>
        text.Split(',') is [string low, string high] && Number(low) is double least && Number(high) is double most
            && least > 0 && least <= most && most <= 1 ? (least, most)
        : throw new FormatException("two shares, above 0 to 1, the smaller first, such as 0.05,0.14"));

    /// <summary>A member's name, whatever its case and with hyphens or without, or its number.</summary>
    public static ValueKind<T> Choice<T>() where T : struct, Enum
    {
        string[] names = [.. Enum.GetValues<T>().Select(member => Text(member))];
        return new ValueKind<T>(string.Join('|', names), text =>
            Enum.TryParse(text.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out T value) && Enum.IsDefined(value) ? value
            : throw new FormatException($"one of {string.Join(", ", names)}"))
        { Words = names };
    }

    /// <summary>One of some words, each with what it stands for.</summary>
    public static ValueKind<T> OneOf<T>(Dictionary<string, T> words) => new(string.Join('|', words.Keys), text =>
        words.TryGetValue(text, out T? value) ? value : throw new FormatException($"one of {string.Join(", ", words.Keys)}"))
    { Words = words.Keys };

    /// <summary>One of some words.</summary>
    public static ValueKind<string> OneOf(IEnumerable<string> words) => OneOf(words.ToDictionary(word => word));

    public static ValueKind<T?> OrNone<T>(ValueKind<T> kind) where T : struct =>
        new($"{kind.Hint}|none", text => text == "none" ? null : kind.Parse(text)) { Absent = "none" };

    /// <summary>The values that were given; null where none were: of an option that takes several, none is an empty list.</summary>
    public static T[]? Given<T>(this ParseResult parsed, Option<T[]?> option) =>
        parsed.GetValue(option) is { Length: > 0 } values ? values : null;

    /// <summary>Whether an option stands on the command line, whatever its value.</summary>
    public static bool IsGiven(this ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    public static string Text(object value) => value switch
    {
        bool on => on ? "true" : "false",
        Enum or Backbone => $"{value}".ToLowerInvariant(),
        TimeSpan time => Text(time),
        (double least, double most) => $"{Text(least)},{Text(most)}",
        IEnumerable<int> numbers => string.Join(',', numbers),
        IEnumerable<string> words => string.Join(',', words),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>A text's lines: how several paths are kept as one text.</summary>
    public static string[] Lines(string text) => text.Split(LineEnd);

    /// <summary>Several texts as one, a line each.</summary>
    public static string Text(IEnumerable<string> lines) => string.Join(LineEnd, lines);

    private static string Text(TimeSpan time)
    {
        foreach ((char unit, TimeSpan length) in Units)
            if (time.Ticks % length.Ticks == 0) return Text(time.Ticks / length.Ticks) + unit;
        return Text(time.TotalSeconds) + 's';
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;
}
