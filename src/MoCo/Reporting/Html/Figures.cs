namespace MoCo.Reporting.Html;

/// <summary>Numbers as a reader wants them.</summary>
internal static class Figures
{
    /// <summary>About four significant digits.</summary>
    public static string Short(double value)
    {
        double size = Math.Abs(value);
        string format = size switch
        {
            0 => "0",
            >= 1e6 => "0.00e+0",
            >= 1000 => "#,##0",
            >= 100 => "0.0",
            >= 1 => "0.00",
            >= 1e-3 => "0.####",
            _ => "0.0#e+0",
        };
        return value.ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>A text that fits into a drawing, which can't break lines.</summary>
    public static string Cut(string text, int most) => text.Length <= most ? text : string.Concat(text.AsSpan(0, most - 1), "…");

    public static string WithUnit(double value, string unit) => unit.Length == 0 ? Short(value) : $"{Short(value)} {unit}";
}
