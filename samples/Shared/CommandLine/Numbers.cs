using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Samples.CommandLine;

/// <summary>Options whose values are numbers: within bounds, in invariant notation, with a message that names all three.</summary>
internal static class Numbers
{
    /// <summary>A whole number.</summary>
    public static Option<int> Whole(string name, string description, int otherwise, int least, int most)
    {
        Option<int> option = new(name) { Description = description, HelpName = "n", DefaultValueFactory = _ => otherwise };
        option.CustomParser = result => ParseWhole(name, result, least, most);
        return option;
    }

    /// <summary>A whole number that may be left to the program.</summary>
    public static Option<int?> WholeOrAuto(string name, string description, int least, int most)
    {
        Option<int?> option = new(name) { Description = description, HelpName = "n" };
        option.CustomParser = result => ParseWhole(name, result, least, most);
        return option;
    }

    /// <summary>A number above one bound, up to another.</summary>
    public static Option<double> Real(string name, string description, double otherwise, double above, double most)
    {
        Option<double> option = new(name) { Description = description, HelpName = "x", DefaultValueFactory = _ => otherwise };
        option.CustomParser = result => ParseReal(name, result.Tokens[0].Value, result, above, most);
        return option;
    }

    /// <summary>Numbers with commas between; none given means null.</summary>
    public static Option<double[]?> Reals(string name, string description, double above, double most)
    {
        Option<double[]?> option = new(name) { Description = description, HelpName = "x,x,…" };
        option.CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',')).Select(part => ParseReal(name, part, result, above, most))];
        return option;
    }

    /// <summary>The numbers that were given; null where none were.</summary>
    public static double[]? Given(this ParseResult parsed, Option<double[]?> option) => parsed.GetValue(option) is { Length: > 0 } values ? values : null;

    private static int ParseWhole(string name, ArgumentResult result, int least, int most)
    {
        if (int.TryParse(result.Tokens[0].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most) return value;
        result.AddError($"{name} is '{result.Tokens[0].Value}'; expected a whole number from {least} to {most}.");
        return least;
    }

    private static double ParseReal(string name, string text, ArgumentResult result, double above, double most)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value > above && value <= most) return value;
        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} has '{text}'; expected a number above {above}, at most {most}."));
        return most;
    }
}
