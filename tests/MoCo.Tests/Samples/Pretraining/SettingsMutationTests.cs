using System.Text;
using Pretrain.Plans;
using Samples;

namespace MoCo.Tests.Samples.Pretraining;

public sealed class SettingsMutationTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_damaged_options_file_is_refused_by_name_or_makes_a_plan()
    {
        string path = folder.File("options.json");
        Plan plan = Plan.For("cifar") with { Data = "/data/images", KnnEvery = 3 };
        SettingsFile.Write(path, plan with { Options = plan.Options with { Epochs = 7, Seed = -4 } }, 1234);
        byte[] whole = File.ReadAllBytes(path);
        int refused = 0;
        for (int seed = 0; seed < MutationCount.Or(500); seed++)
        {
            File.WriteAllBytes(path, Imaging.Mutations.Mutate([whole], seed, ""));
            Exception? error = Record.Exception(() => SettingsFile.Read(path).Plan());
            Assert.True(error is null or UsageException, $"mutation {seed}: {error}\n{File.ReadAllText(path, Encoding.Latin1)}");
            if (error is not null) refused++;
        }
        Assert.InRange(refused, MutationCount.Or(500) / 2, MutationCount.Or(500) - 1);
    }
}
