namespace Lab.Studies;

/// <summary>What v2 changed: the head, the views, the schedule.</summary>
internal static class HeadStudy
{
    public static Study Of() => new(
        "head-aug", "What MoCo v2 changed", "change", "Chen et al. 2020 (MoCo v2), Table 1",
        "ImageNet-1k, linear classifier on a ResNet-50, top-1 in percent, 200 epochs",
        [
            Trial(mlp: false, blur: false, cosine: false, 60.6), Trial(mlp: false, blur: false, cosine: true),
            Trial(mlp: false, blur: true, cosine: false, 63.4), Trial(mlp: false, blur: true, cosine: true),
            Trial(mlp: true, blur: false, cosine: false, 66.2), Trial(mlp: true, blur: false, cosine: true),
            Trial(mlp: true, blur: true, cosine: false, 67.3), Trial(mlp: true, blur: true, cosine: true, 67.5),
        ])
    {
        Notes =
        [
            "The linear head has τ 0.07 and the MLP head τ 0.2, as v1 and v2 have. Without cosine the rate falls to a tenth after 60 % and "
                + "after 80 % of the epochs, as v1's after 120 and 160 of 200. Blur is as strong as the views are large.",
        ],
    };

    private static Trial Trial(bool mlp, bool blur, bool cosine, double? paper = null)
    {
        string name = $"{(mlp ? "MLP" : "linear")}{(blur ? ", blur" : "")}{(cosine ? ", cosine" : "")}";
        return new Trial(name, (ground, epochs) => ground.Headed(mlp, blur, cosine, epochs)) { Paper = paper };
    }
}
