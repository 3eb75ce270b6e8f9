using MoCo.Augmentation;
using Pretrain;
using Pretrain.Plans;
using Samples;

namespace MoCo.Tests.Samples.Pretraining;

public sealed class ViewRecipeTests : IDisposable
{
    private readonly SmallRun run = new();

    public void Dispose() => run.Dispose();

    [Theory]
    [InlineData("v2", 0.5, 0.5, 0.2)]
    [InlineData("v3", 1, 0.1, 0.2)]
    [InlineData("v3-vit", 1, 0.1, 0.08)]
    public void A_preset_has_its_own_views_for_each_encoder(string preset, double query, double key, double minimumArea)
    {
        TwoCropRecipe views = Views(run.WriteImages("color", 4), "--preset", preset);
        Assert.Equal((query, key), (Step<GaussianBlur>(views.Query)?.Probability, Step<GaussianBlur>(views.Key)?.Probability));
        Assert.Equal(preset == "v2", Step<Solarize>(views.Key) is null);
        Assert.Null(Step<Solarize>(views.Query));
        Assert.All(views.All, view => Assert.Equal(minimumArea, Step<RandomResizedCrop>(view)!.MinimumArea));
        Assert.Equal(2, views.All.Count);
    }

    [Fact]
    public void The_key_s_view_can_be_of_another_kind()
    {
        string color = run.WriteImages("color", 4);
        TwoCropRecipe views = Views(color, "--views", "cifar", "--key-views", "v3", "--view-size", "32", "--flip", "0");
        Assert.Null(Step<GaussianBlur>(views.Query));
        Assert.Equal(0.2, Step<Solarize>(views.Key)!.Probability);
        Assert.All(views.All, view => Assert.Equal(0, Step<HorizontalFlip>(view)!.Probability));
        views = Views(run.Data, "--views", "v3");
        Assert.Equal((0.1, 0.2), (Step<GaussianBlur>(views.Key)!.Probability, Step<Solarize>(views.Key)!.Probability));
        Assert.Equal(
            "--key-views is v2, for images of 3 channels, and " + DataSet.Open(Asked(run.Data)).Train.Name
                + " has 1; expected grey or v3.",
            Assert.Throws<UsageException>(() => Views(run.Data, "--key-views", "v2")).Message);
    }

    [Fact]
    public void Small_views_are_SwAV_s_in_proportion_and_larger_of_small_images_unless_told_otherwise()
    {
        string color = run.WriteImages("color", 4);
        TwoCropRecipe views = Views(color, "--small-views", "6");
        RandomResizedCrop crop = Step<RandomResizedCrop>(views.Small!)!;
        Assert.Equal((6, 96, 0.05, 0.14), (views.SmallViews, crop.Size, crop.MinimumArea, crop.MaximumArea));
        views = Views(color, "--small-views", "6", "--view-size", "32");
        crop = Step<RandomResizedCrop>(views.Small!)!;
        Assert.Equal((6, 22, 0.3, 0.75), (views.SmallViews, crop.Size, crop.MinimumArea, crop.MaximumArea));
        views = Views(color, "--small-views", "2", "--small-size", "16", "--small-scale", "0.1,0.3", "--view-size", "32");
        crop = Step<RandomResizedCrop>(views.Small!)!;
        Assert.Equal((2, 16, 0.1, 0.3), (views.SmallViews, crop.Size, crop.MinimumArea, crop.MaximumArea));
        Assert.Contains("--small-scale is '0.3,0.1'; expected two shares, above 0 to 1, the smaller first",
            Assert.Throws<UsageException>(() => Asked(color, "--small-scale", "0.3,0.1")).Message, StringComparison.Ordinal);
        Assert.Contains("--small-size has no effect, since there are no small views", Assert.Throws<UsageException>(
            Asked(color, "--small-size", "16").Validate).Message, StringComparison.Ordinal);
        Assert.Contains("--small-size is 64; expected 32 or less", Assert.Throws<UsageException>(
            () => Views(color, "--small-views", "1", "--small-size", "64", "--view-size", "32")).Message, StringComparison.Ordinal);
        Assert.Contains("--small-views is 2; expected 0 with --method simclr",
            SmallRun.Refusal([.. run.Flags(1), "--out", run.Folder.Root, "--small-views", "2", "--method", "simclr"]),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_with_two_recipes_and_small_views_is_written_down_planned_and_goes_on()
    {
        string[] flags = [.. run.Flags(1), "--out", run.Folder.Root, "--key-views", "v3", "--small-views", "2", "--small-scale", "0.1,0.4"];
        Assert.Contains("small views together", SmallRun.Finish([.. flags, "--plan", "2GB"]), StringComparison.Ordinal);
        Assert.Contains("as views of 16×16 and 2 small ones of 11×11", SmallRun.Finish(flags), StringComparison.Ordinal);
        Plan plan = SettingsFile.Read(run.Folder.Options).Plan();
        Assert.Equal((ViewKind.Grey, ViewKind.V3, 2, null, (0.1, 0.4)),
            (plan.Views, plan.KeyViews, plan.SmallViews, plan.SmallSize, plan.SmallScale));
        SmallRun.Finish("--out", run.Folder.Root, "--resume", "--epochs", "2", "--plain");
        Assert.Contains("--key-views is v1, the checkpoint's is v3", SmallRun.Refusal(
            "--out", run.Folder.Root, "--resume", "--key-views", "v1", "--plain"), StringComparison.Ordinal);
    }

    private static TwoCropRecipe Views(string data, params string[] flags) => DataSet.Open(Asked(data, flags)).Views;

    private static Plan Asked(string data, params string[] flags)
        => SmallRun.Asked(["--out", "none", "--data", data, "--knn-every", "0", .. flags]).Plan;

    private static TStep? Step<TStep>(AugmentationRecipe recipe) where TStep : class => recipe.Steps.OfType<TStep>().SingleOrDefault();
}
