using System.Net;
using System.Text;
using System.Text.Json;
using static System.Globalization.CultureInfo;

namespace MoCo.Reporting.Html;

/// <summary>A page under construction. Whatever is interpolated is escaped, so that no file or class name becomes markup.</summary>
internal sealed class HtmlText
{
    private static readonly Escaping Escaped = new();
    private readonly StringBuilder text = new();

    public void Line(FormattableString line) => text.Append(line.ToString(Escaped)).Append('\n');

    public void Raw(string line) => text.Append(line).Append('\n');

    /// <summary>Adds data for the page's script, as JSON beside what they belong to.</summary>
    // The default encoder writes <, >, & and quotes as \u00XX: no text can end the script element.
    public void Data(object data) => Raw($"""<script type="application/json">{JsonSerializer.Serialize(data)}</script>""");

    public override string ToString() => text.ToString();

    private sealed class Escaping : IFormatProvider, ICustomFormatter
    {
        public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : null;

        public string Format(string? format, object? arg, IFormatProvider? formatProvider)
            => WebUtility.HtmlEncode(arg is IFormattable value ? value.ToString(format, InvariantCulture) : arg?.ToString()) ?? "";
    }
}
