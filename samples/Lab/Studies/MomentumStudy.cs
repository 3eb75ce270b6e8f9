namespace Lab.Studies;

/// <summary>m of the momentum update.</summary>
internal static class MomentumStudy
{
    public static Study Of(Ground ground) => new(
        "momentum", "The key encoder's momentum", "m", "He et al. 2019, section 4.1 (ablation: momentum), K 4,096",
        "ImageNet-1k, linear classifier on a ResNet-50, top-1 in percent, 200 epochs",
        [Trial(0, double.NaN), Trial(0.9, 55.2), Trial(0.99, 57.8), Trial(0.999, 59.0), Trial(0.9999, 58.9)])
    {
        IsOrdered = true,
        Claims = [new("A slowly moving key encoder is better than one that moves fast", "m 0.999", "m 0.9")],
        Notes =
        [
            $"K is {ground.Recipe.Options.Queue.Length:N0}. In the paper m = 0, a copy at each step, does not converge: its loss "
                + "oscillates. A large m needs many steps, of which a short run has few: with m = 0.9999 the key encoder keeps a third of "
                + "its random start for 10,000 steps.",
        ],
    };

    private static Trial Trial(double momentum, double paper) => new(
        Values.Text(momentum), (ground, _) => ground.Recipe with
        {
            Options = ground.Recipe.Options with { KeyEncoder = ground.Recipe.Options.KeyEncoder with { Momentum = momentum } },
        })
    { Symbol = "m", Paper = paper };
}
