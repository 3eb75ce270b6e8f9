using System.Globalization;

namespace MoCo.Benchmarks.CommandLines;

/// <summary>A command's flags as the user gave them.</summary>
internal sealed class CommandLine
{
    private readonly Dictionary<string, string> values;

    private CommandLine(Dictionary<string, string> values) => this.values = values;

    /// <exception cref="UsageException">An unknown or repeated flag, or one without its value.</exception>
    public static CommandLine Parse(ICommand command, ReadOnlySpan<string> arguments)
    {
        Dictionary<string, string> values = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            string name = arguments[i];
            Flag flag = command.Flags.FirstOrDefault(f => f.Name == name)
                ?? throw new UsageException(
                    $"{command.Name} knows no '{name}'; expected {string.Join(", ", command.Flags.Select(f => f.Name))}.");
            bool hasValue = flag.Value is null
                || (i + 1 < arguments.Length && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal));
            if (!hasValue) throw new UsageException($"{name} stands alone; expected a value: {name} {flag.Value}.");
            if (!values.TryAdd(name, flag.Value is null ? "" : arguments[++i])) throw new UsageException($"{name} is given twice.");
        }
        return new CommandLine(values);
    }

    public bool Has(string flag) => values.ContainsKey(flag);

    public string? Text(string flag) => values.GetValueOrDefault(flag);

    /// <exception cref="UsageException">The value is no whole number, or outside the range.</exception>
    public int Whole(string flag, int otherwise, int least, int most)
    {
        if (!values.TryGetValue(flag, out string? text)) return otherwise;
        return IsWhole(text, least, most, out int value) ? value
            : throw new UsageException($"{flag} is '{text}'; expected a whole number from {least} to {most}.");
    }

    /// <summary>Several whole numbers with commas between.</summary>
    /// <exception cref="UsageException">One is no whole number, or outside the range.</exception>
    public IReadOnlyList<int> Wholes(string flag, IReadOnlyList<int> otherwise, int least, int most)
    {
        if (!values.TryGetValue(flag, out string? text)) return otherwise;
        return [.. text.Split(',').Select(one => IsWhole(one.Trim(), least, most, out int value) ? value
            : throw new UsageException($"{flag} has '{one}'; expected whole numbers from {least} to {most} with commas between."))];
    }

    /// <exception cref="UsageException">The value is no number, or outside the range.</exception>
    public double Number(string flag, double otherwise, double least, double most)
    {
        if (!values.TryGetValue(flag, out string? text)) return otherwise;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= least && value <= most)
            return value;
        throw new UsageException(
            string.Create(CultureInfo.InvariantCulture, $"{flag} is '{text}'; expected a number from {least} to {most}."));
    }

    /// <exception cref="UsageException">The value is none of the choices.</exception>
    public string Choice(string flag, params IReadOnlyList<string> choices) => Choices(flag, [choices[0]], choices) switch
    {
        [string one] => one,
        _ => throw new UsageException($"{flag} is '{values[flag]}'; expected one of {string.Join(", ", choices)}."),
    };

    /// <summary>Several values with commas between.</summary>
    /// <exception cref="UsageException">A value is none of the choices.</exception>
    public IReadOnlyList<string> Choices(string flag, IReadOnlyList<string> otherwise, IReadOnlyList<string> choices)
    {
        if (!values.TryGetValue(flag, out string? text)) return otherwise;
        string[] chosen = text.Split(',', StringSplitOptions.TrimEntries);
        foreach (string one in chosen)
            if (!choices.Contains(one)) throw new UsageException($"{flag} names '{one}'; expected {string.Join(", ", choices)}.");
        return chosen;
    }

    private static bool IsWhole(string text, int least, int most, out int value)
        => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= least && value <= most;
}
