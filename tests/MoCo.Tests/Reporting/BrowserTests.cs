using System.Net;
using System.Text.Json;
using MoCo.Reporting;

namespace MoCo.Tests.Reporting;

/// <summary>The report in a real browser.</summary>
public sealed class BrowserTests
{
    // Runs within the page, before and after everything of its own: counts failures, points at every drawing, measures.
    private const string Before = """
        <script>
          window.failures = [];
          window.failed = what => failures.push(String(what));
          addEventListener("error", event => failed(event.message || event.target.outerHTML), true);
          addEventListener("unhandledrejection", event => failed(event.reason));
        </script>
        """;

    private const string After = """
        <script>
          const tip = document.getElementById("tip"), hovers = [];
          const point = (svg, x, y) => {
            svg.dispatchEvent(new PointerEvent("pointermove", { clientX: x, clientY: y }));
            const box = tip.getBoundingClientRect();
            if (!tip.hidden && (box.left < 0 || box.right > innerWidth)) failed("the tip leaves the window at " + x);
            return tip.hidden ? "" : tip.textContent;
          };
          document.querySelector("details").open = true;
          for (const svg of document.querySelectorAll("svg")) {
            svg.scrollIntoView();
            const box = svg.getBoundingClientRect(), dot = svg.querySelector("circle:not(.here)")?.getBoundingClientRect();
            const texts = [point(svg, box.left + box.width / 2, box.top + box.height / 3), point(svg, box.right - 1, box.top + 30),
              dot ? point(svg, dot.left + 1, dot.top + 1) : ""];
            svg.dispatchEvent(new PointerEvent("pointerleave"));
            if (!tip.hidden) failed("the tip stays");
            hovers.push(texts.find(text => text !== "") ?? "");
          }
          for (const button of document.querySelectorAll("button")) button.click();
          const dimmed = document.querySelectorAll(".dim").length;
          const wide = [...document.querySelectorAll("body *")]
            .filter(node => !node.closest("svg") && node.getBoundingClientRect().right > innerWidth + 0.5)
            .map(node => node.outerHTML.slice(0, 80));
          // Texts of a drawing must not be cut off at its sides.
          const cut = [...document.querySelectorAll("svg text")].filter(node => {
            const box = node.getBBox(), width = node.ownerSVGElement.viewBox.baseVal.width;
            return box.x < -1 || box.x + box.width > width + 1;
          }).map(node => node.textContent);
          parent.document.title = JSON.stringify({
            width: innerWidth, scroll: document.documentElement.scrollWidth, failures, hovers, wide, cut, dimmed,
            images: [...document.images].filter(image => !image.complete || image.naturalWidth === 0).length,
            ground: getComputedStyle(document.body).backgroundColor,
            names: document.querySelector("h1").textContent,
          });
        </script>
        """;

    [Theory]
    [InlineData(1280, false)]
    [InlineData(1280, true)]
    [InlineData(400, false)]
    [InlineData(400, true)]
    public void Nothing_overflows_no_script_fails_and_every_drawing_tells_its_numbers(int width, bool dark)
    {
        using TemporaryFolder folder = new();
        string report = HtmlReport.Html(SampleReport.Make());
        report = report.Replace("<meta charset=\"utf-8\">", "<meta charset=\"utf-8\">" + Before, StringComparison.Ordinal)
            .Replace("</body>", After + "</body>", StringComparison.Ordinal);
        // A frame, because browsers don't make windows as narrow as telephones.
        string frame = $"""<iframe style="border:0;width:{width}px;height:900px" srcdoc="{WebUtility.HtmlEncode(report)}"></iframe>""";
        File.WriteAllText(folder.File("page.html"), $"<!DOCTYPE html><title>nothing</title>{frame}");

        string page = Chromium.Dump(folder.File("page.html"), dark, folder.File("profile"));

        int start = page.IndexOf("<title>", StringComparison.Ordinal) + 7;
        JsonElement found = JsonDocument.Parse(WebUtility.HtmlDecode(page[start..page.IndexOf("</title>", StringComparison.Ordinal)]))
            .RootElement;
        Assert.Empty(Texts(found, "failures"));
        Assert.Empty(Texts(found, "wide"));
        Assert.Empty(Texts(found, "cut"));
        Assert.Equal(width, found.GetProperty("width").GetInt32());
        Assert.InRange(found.GetProperty("scroll").GetInt32(), 1, width);
        Assert.Equal(0, found.GetProperty("images").GetInt32());
        Assert.Equal(dark ? "rgb(12, 16, 21)" : "rgb(246, 248, 250)", found.GetProperty("ground").GetString());
        Assert.Equal(SampleReport.Hostile, found.GetProperty("names").GetString());
        Assert.True(found.GetProperty("dimmed").GetInt32() > 0);
        // Four curves of metrics, one chart of its own, similarities, spectrum, the map.
        string[] hovers = [.. Texts(found, "hovers")];
        Assert.Equal(8, hovers.Length);
        Assert.All(hovers, Assert.NotEmpty);
        Assert.StartsWith("step ", hovers[0], StringComparison.Ordinal);
        Assert.Contains("guessing: 8.32", hovers[0], StringComparison.Ordinal);
    }

    private static IEnumerable<string> Texts(JsonElement found, string name)
        => found.GetProperty(name).EnumerateArray().Select(text => text.GetString()!);
}
