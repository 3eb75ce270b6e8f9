using MoCo.Contrast;
using MoCo.Contrast.Negatives;
using Quickstart;

namespace Lab.Studies;

/// <summary>MoCo beside its relatives.</summary>
internal static class MethodStudy
{
    private const string V1 = "MoCo v1", V2 = "MoCo v2", Mixed = "v2 + MoCHi", Oracle = "v2 + class oracle", Batch = "end-to-end";
    private const int SmallView = 64;

    public static Study Of(Ground ground) => new(
        "methods", "MoCo and its relatives", "method", "the methods' own papers",
        "ImageNet-1k, linear classifier on a ResNet-50, top-1 in percent, 200 epochs where nothing else is said",
        [
            new(V1, (found, epochs) => found.Headed(mlp: false, blur: false, cosine: false, epochs)) { Paper = 60.6 },
            new(V2, V2Recipe) { Paper = 67.5 },
            new(Mixed, (found, epochs) => Change(V2Recipe(found, epochs), options => options with
            {
                Loss = options.Loss with { Mixing = Mixing(options.Queue.Length, epochs) },
            }))
            { Paper = 68.0 },
            new(Oracle, (found, epochs) => Change(V2Recipe(found, epochs), options => options with
            {
                Queue = options.Queue with { LeaveOut = KeyExclusion.OwnClass },
            }))
            { Elsewhere = "ImageNet-100: 81.8 (v2 78.0)" },
            new(Batch, (found, epochs) => Change(V2Recipe(found, epochs), options => options with { Method = MethodKind.EndToEnd })),
            new("SimCLR", (found, epochs) => Change(V2Recipe(found, epochs), options => options with
            {
                Method = MethodKind.SimClr,
                Loss = options.Loss with { Temperature = found.Recipe.Views.OutputSize <= SmallView ? 0.5 : 0.1 },
            }))
            { Paper = 61.9 },
            new("memory bank", (found, epochs) => Change(
                found.Headed(mlp: false, blur: false, cosine: false, epochs), options => options with
                {
                    Method = MethodKind.MemoryBank,
                    MemoryBank = options.MemoryBank with { Negatives = options.Queue.Length },
                }))
            { Paper = 58.0 },
            new("Contrastive Clustering", (found, epochs) => Change(
                found.Headed(mlp: true, blur: false, cosine: true, epochs), options => options with
                {
                    Method = MethodKind.ContrastiveClustering,
                    Clustering = options.Clustering with { Clusters = found.Classes },
                    Loss = options.Loss with { Temperature = 0.5 },
                }))
            { Elsewhere = "CIFAR-10, clusters: 79.0" },
            new("MoCo v3", (found, epochs) => Change(V2Recipe(found, epochs), options => options with
            {
                Method = MethodKind.MoCoV3,
                Encoder = options.Encoder with
                {
                    Head = HeadKind.BatchNormMlp,
                    HiddenDimension = Math.Clamp((int)(MoCoOptions.V3.Encoder.HiddenDimension * options.Encoder.Width / 2), 64, 4096),
                },
                KeyEncoder = MoCoOptions.V3.KeyEncoder,
                Loss = MoCoOptions.V3.Loss,
            }))
            { Paper = 68.9 },
        ])
    {
        Claims =
        [
            new("Mixed hard negatives add to v2 (ImageNet-100: 79.0 over 78.0)", Mixed, V2),
            new("Without false negatives v2 gains more than by mixing (ImageNet-100: 81.8)", Oracle, Mixed),
        ],
        Notes =
        [
            $"All learn by SGD with the same rate, in batches of {ground.Recipe.Options.BatchSize}, on v2's views; v1 and the memory bank "
                + "without blur, with v1's head, τ and schedule; Contrastive Clustering without blur. The papers have LARS for SimCLR "
                + "and MoCo v3 and Adam for Contrastive Clustering.",
            "The papers' figures: MoCo v1 He et al. 2019; v2 and SimCLR (batch 256) Chen et al. 2020 (MoCo v2); MoCHi and the class oracle "
                + "Kalantidis et al. 2020; memory bank He et al. 2019, Fig. 3; v3 Chen, Xie and He 2021, 100 epochs; Contrastive "
                + "Clustering Li et al. 2021, share of images in the right cluster.",
            DictionaryStudy.BankStart,
            "MoCHi's numbers are (1024, 512, 256) in proportion to K, its paper's at K 16,384. The class oracle looks at labels.",
        ],
    };

    private static Recipe V2Recipe(Ground ground, int epochs) => ground.Headed(mlp: true, blur: true, cosine: true, epochs);

    private static Recipe Change(Recipe recipe, Func<MoCoOptions, MoCoOptions> change) => recipe with { Options = change(recipe.Options) };

    /// <summary>The paper's at K 16,384, from the same share of the run: epoch 15 of 200.</summary>
    private static MixingOptions Mixing(int queue, int epochs)
    {
        double share = Math.Min(1, queue / 16_384.0);
        return new()
        {
            Hardest = Math.Max(2, (int)(1024 * share)),
            Pairs = Math.Max(1, (int)(512 * share)),
            WithQuery = (int)(256 * share),
            FromEpoch = Math.Min(epochs - 1, (int)Math.Round(epochs * 15 / 200.0)),
        };
    }
}
