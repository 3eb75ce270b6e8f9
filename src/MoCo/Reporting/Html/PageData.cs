using System.Text.Json;

namespace MoCo.Reporting;

/// <summary>Data for the page's script, as JSON beside what they belong to.</summary>
internal static class PageData
{
    // The default encoder writes <, >, & and quotes as \u00XX: no text can end the script element.
    public static void Write(HtmlText page, object data) => page.Raw($"""<script type="application/json">{JsonSerializer.Serialize(data)}</script>""");
}
