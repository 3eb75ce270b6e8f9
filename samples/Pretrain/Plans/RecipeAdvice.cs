namespace Pretrain.Plans;

/// <summary>One number of a recipe.</summary>
/// <param name="Setting">The flag, without dashes.</param>
/// <param name="Value">What is advised.</param>
/// <param name="Reason">Why, and whose figure it is.</param>
internal readonly record struct Advice(string Setting, double Value, string Reason);

/// <summary>A recipe for a number of images, between those that were published for 50,000 (the authors' CIFAR-10 notebook), 126,689
/// (ImageNet-100, Kalantidis et al. 2020) and 1.28 million (ImageNet, He et al. 2019).</summary>
internal static class RecipeAdvice
{
    private const int Paper = 65536, FewestSteps = 20, StepsOfPaper = 1000;

    /// <summary>The options with the longest queue that is advised, to ask for the largest batch that fits.</summary>
    public static MoCoOptions WithLongestQueue(MoCoOptions options) => options with { Queue = options.Queue with { Length = Paper } };

    /// <param name="images">Images to learn from.</param>
    /// <param name="isSmall">Whether views are small: the CIFAR-10 recipe's.</param>
    /// <param name="groups">BatchNorm's groups, each of which needs two images of a batch.</param>
    /// <param name="fits">The largest batch that fits into memory; null: not known.</param>
    /// <returns>Batch, K, m and epochs.</returns>
    public static IReadOnlyList<Advice> For(long images, bool isSmall, int groups = 1, int? fits = null)
    {
        int usual = isSmall ? 512 : 256, least = 2 * groups;
        long steps = images / FewestSteps, batch = Math.Max(least, PowerOfTwo(Math.Clamp(Math.Min(steps, fits ?? usual), 2, usual)));
        long queue = Math.Max(batch, Math.Min(Paper, PowerOfTwo(Math.Max(2, images / 7))));
        double momentum = images / batch >= StepsOfPaper ? 0.999 : 0.99;
        int epochs = images >= 1_000_000 ? 200 : 800;
        return
        [
            new("batch-size", batch, batch == usual
                ? $"the authors' {(isSmall ? "CIFAR-10 recipe" : "ImageNet recipe")}; the dictionary is the queue's, so a larger one gains "
                    + "little (He et al. 2019, section 3)"
                : $"the authors' {usual} {Bound()}; the queue's negatives do not depend on it (He et al. 2019, section 3), and with "
                    + "--scale-lr true the learning rate does as in the paper, in proportion"),
            new("queue", queue, "at most a seventh of the images, so that few of a query's negatives are its own earlier keys: so it is in "
                + "the published recipes (ImageNet 65,536, He et al. 2019; ImageNet-100 16,384, Kalantidis et al. 2020; CIFAR-10 4,096, "
                + "the authors' notebook)"),
            new("key-momentum", momentum, momentum == 0.999
                ? "the key encoder follows within 1,000 steps, less than an epoch here: ImageNet 59.0 % with 0.999, 57.8 % with 0.99 "
                    + "(He et al. 2019)"
                : "an epoch has fewer than 1,000 steps, in which a key encoder of 0.999 would follow: 0.99 for CIFAR-10 (the authors' "
                    + "notebook) and ImageNet-100 (Kalantidis et al. 2020)"),
            new("epochs", epochs, epochs == 200
                ? "67.7 % on ImageNet, and 71.1 % with 800 (the authors' MoCo v2)"
                : "where images are fewer than ImageNet's, each is seen more often: CIFAR-10 82.6 % with 200, 86.3 % with 400, 88.7 % with "
                    + "800 (the authors' notebook)"),
        ];

        string Bound() => batch == least && groups > 1
            ? $"would leave too few steps or not fit, and fewer than {least} are too few for --bn-splits {groups}"
            : fits < steps && fits < usual ? "would not fit into memory"
            : $"would leave an epoch fewer than {FewestSteps} steps";
    }

    private static long PowerOfTwo(long most) => 1L << (int)Math.Log2(most);
}
