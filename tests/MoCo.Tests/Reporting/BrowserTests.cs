using System.Net;
using System.Text.Json;
using MoCo.Evaluation.Diagnostics;
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

        JsonElement found = Title(page);
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_map_of_50_000_points_is_drawn_told_moved_and_enlarged(bool dark)
    {
        // Two classes in two halves, and one image between them.
        const int Count = 50_001;
        ReportImage[] images = [.. Enumerable.Range(0, Count).Select(i => i == 0
            ? new ReportImage(SampleReport.Hostile, null, SampleReport.Png)
            : new ReportImage($"image {i}", i % 2 == 0 ? SampleReport.Hostile : "odd", default))];
        Random random = new(0);
        (double, double)[] places = [(0, 0), .. Enumerable.Range(1, Count - 1)
            .Select(i => ((i % 2 == 0 ? -1 : 1) * (0.2 + random.NextDouble()), 2 * random.NextDouble() - 1))];
        string report = HtmlReport.Html(new RunReport { Title = "map", Map = (new PrincipalComponents(places, 0.5, 0.2), images) });
        // A headless browser shows no frames: what waits for the next is done at once.
        const string AtOnce = "<script>window.requestAnimationFrame = work => work();</script>";
        const string Script = """
            <script>
              const canvas = document.querySelector("canvas"), tip = document.getElementById("tip");
              const box = canvas.getBoundingClientRect();
              const at = (x, y) => ({ clientX: box.left + x * box.width, clientY: box.top + y * box.height, cancelable: true });
              const hover = (x, y) => {
                canvas.dispatchEvent(new PointerEvent("pointermove", at(x, y)));
                return tip.hidden ? "" : tip.textContent + (tip.querySelector("img") ? " image" : "");
              };
              const colored = () => {
                const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data, seen = [0, 0];
                for (let i = 0; i < pixels.length; i += 4)
                  if (pixels[i + 3] > 100) seen[(i / 4) % canvas.width < canvas.width / 2 ? 0 : 1]++;
                return seen;
              };
              const told = { middle: hover(.5, .5), corner: hover(.01, .01), all: colored() };
              canvas.dispatchEvent(new WheelEvent("wheel", { ...at(.5, .5), deltaY: -600 }));
              told.enlarged = hover(.5, .5);
              told.larger = colored();
              canvas.dispatchEvent(new PointerEvent("pointermove", { ...at(.5, .5), buttons: 1, movementX: 60, movementY: 0 }));
              told.moved = hover(.5 + 60 / box.width, .5);
              document.querySelector("[data-class=c1]").click();
              told.only = hover(.5 + 60 / box.width, .5);
              document.querySelector("[data-zoom='0']").click();
              told.one = colored();
              document.title = JSON.stringify({ ...told, failures, wide: document.documentElement.scrollWidth });
            </script>
            """;
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("page.html"), report
            .Replace("<meta charset=\"utf-8\">", "<meta charset=\"utf-8\">" + Before + AtOnce, StringComparison.Ordinal)
            .Replace("</body>", Script + "</body>", StringComparison.Ordinal));

        JsonElement found = Title(Chromium.Dump(folder.File("page.html"), dark, folder.File("profile")));

        Assert.Empty(Texts(found, "failures"));
        Assert.All(["middle", "enlarged", "moved"], name => Assert.Equal(SampleReport.Hostile + " image", Text(name)));
        Assert.All(["corner", "only"], name => Assert.Equal("", Text(name)));
        (int[] all, int[] larger, int[] one) = (Counts("all"), Counts("larger"), Counts("one"));
        Assert.All(all, count => Assert.InRange(count, 10_000, int.MaxValue));
        Assert.True(larger.Sum() < all.Sum(), "fewer points are in view");
        Assert.True(one[0] < all[0] / 10 && one[1] > all[1] / 2, $"{one[0]}, {one[1]} of {all[0]}, {all[1]}");
        Assert.InRange(found.GetProperty("wide").GetInt32(), 1, 1400);

        string Text(string name) => found.GetProperty(name).GetString()!;
        int[] Counts(string name) => [.. found.GetProperty(name).EnumerateArray().Select(count => count.GetInt32())];
    }

    private static JsonElement Title(string page)
    {
        int start = page.IndexOf("<title>", StringComparison.Ordinal) + 7;
        string title = page[start..page.IndexOf("</title>", StringComparison.Ordinal)];
        return JsonDocument.Parse(WebUtility.HtmlDecode(title)).RootElement;
    }

    private static IEnumerable<string> Texts(JsonElement found, string name)
        => found.GetProperty(name).EnumerateArray().Select(text => text.GetString()!);
}
