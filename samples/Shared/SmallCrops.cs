namespace Samples;

/// <summary>Small views (multi-crop) where neither size nor scale is asked for. Beside the views of photographs they are SwAV's. Of a small
/// image such crops show next to nothing, and the last maps of a network are a single pixel: there they are larger, and show as much as
/// those of PAWS on CIFAR-10 (Assran et al., "Semi-Supervised Learning of Visual Features by Non-Parametrically Predicting View
/// Assignments with Support Samples", 2021, official code).</summary>
internal static class SmallCrops
{
    public const string SizeHelp = "3/7 of a view's, 96 beside 224; up to 64 pixels 5/7, 20 beside 28",
        ScaleHelp = "0.05,0.14; beside views of up to 64 pixels 0.3,0.75";

    /// <summary>Width and height beside large views of a size.</summary>
    public static int Size(int? asked, int large) => asked ?? Math.Max(8, large * (IsSmall(large) ? 5 : 3) / 7);

    public static TwoCropRecipe Beside(TwoCropRecipe large, int count, int? size, (double Least, double Most)? scale)
    {
        int side = large.Query.OutputSize;
        (double least, double most) = scale ?? (IsSmall(side) ? (0.3, 0.75) : (0.05, 0.14));
        return large.WithSmallViews(count, Size(size, side), least, most);
    }

    private static bool IsSmall(int large) => large <= 64;
}
