using MoCo.Data;

namespace Evaluate;

/// <summary>Images to learn from and to be judged by.</summary>
/// <param name="Train">With labels.</param>
/// <param name="Test">With labels of the same classes.</param>
/// <param name="TestName">What the latter are.</param>
internal sealed record LabelledData(IImageSet Train, IImageSet Test, string TestName)
{
    /// <summary>The names of the classes, as many as either part knows.</summary>
    public IReadOnlyList<string> Classes => Train.Classes.Count >= Test.Classes.Count ? Train.Classes : Test.Classes;

    /// <summary>Both parts in a line.</summary>
    public string Summary => $"{Count(Train):N0} images to learn from, {Count(Test):N0} to be judged by ({TestName}), {Classes.Count} classes";

    public static long Count(IImageSet set) => set is IImageSource source ? source.Count : ((IImageStream)set).Count;
}
