namespace MoCo.Reporting.Html;

/// <summary>The ground of a chart: axes and grid. A page shows it at about the usual width, so that a text of 12 stays one.</summary>
internal sealed class ChartFrame(Axis horizontal, Axis vertical, int width, int height)
{
    public const int Width = 400, Left = 50, Top = 10;
    private const int Foot = 36, Margin = 14, LongestTitle = 40;

    public int Right => width - Margin;

    public int Bottom => height - Foot;

    public double X(double value) => Left + (Right - Left) * horizontal.Share(value);

    public double Y(double value) => Bottom - (Bottom - Top) * vertical.Share(value);

    public static void Open(HtmlText page, int height, string description)
        => page.Line($"""<svg viewBox="0 0 {Width} {height}" role="img" aria-label="{description}">""");

    /// <summary>How many ticks an axis of a drawing's height has room for.</summary>
    public static int TicksFor(int height) => Math.Max(2, (height - Top - Foot) / 38);

    public void Grid(HtmlText page, string horizontalTitle)
    {
        foreach (double tick in vertical.Ticks)
        {
            page.Line($"""<line class="grid" x1="{Left}" y1="{Y(tick):F1}" x2="{Right}" y2="{Y(tick):F1}"/>""");
            page.Line($"""<text class="end" x="{Left - 6}" y="{Y(tick) + 4:F1}">{vertical.Label(tick)}</text>""");
        }
        Steps(page, horizontalTitle);
    }

    private void Steps(HtmlText page, string horizontalTitle)
    {
        foreach (double tick in horizontal.Ticks)
        {
            double x = X(tick);
            // A label in the middle below its tick would leave the drawing at the right end.
            string anchor = x > Right - Margin ? "end" : "middle";
            double at = anchor == "end" ? width - 1 : x;
            page.Line($"""<line class="tick" x1="{x:F1}" y1="{Bottom}" x2="{x:F1}" y2="{Bottom + 4}"/>""");
            page.Line($"""<text class="{anchor}" x="{at:F1}" y="{Bottom + 17}">{horizontal.Label(tick)}</text>""");
        }
        string title = Figures.Cut(horizontalTitle, LongestTitle);
        page.Line($"""<text class="middle faint" x="{(Left + Right) / 2}" y="{height - 4}">{title}</text>""");
    }
}
