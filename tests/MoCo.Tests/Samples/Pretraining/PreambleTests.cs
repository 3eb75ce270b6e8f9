using MoCo.Loading;
using Pretrain;
using Pretrain.Plans;
using Pretrain.Results;

namespace MoCo.Tests.Samples.Pretraining;

/// <summary>What is said before the first step.</summary>
public sealed class PreambleTests : IDisposable
{
    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Fact]
    public void The_run_is_told_in_a_line_with_what_it_has_beyond_its_method_s_plain_form()
    {
        Assert.Equal(
            "resnet18 of width 0.0625, linear head, K 64, τ 0.1, batch 12, 2 epochs of 10 steps; 1 thread, cpu.",
            Assert.Single(Said("--epochs", "2")));
        Assert.Equal(
            "resnet18 of width 0.0625, linear head, K 64, mixing 16,4,2 from epoch 1 on, symmetric, adamw, gradients of a norm up to 0.5, "
                + "gradient checkpointing, τ 0.1, batch 12, 1:30 h of training in epochs of 10 steps; 1 thread, cpu.",
            Said("--mix", "16,4,2", "--mix-from", "0", "--symmetric", "sum", "--optimizer", "adamw", "--clip-norm", "0.5",
                "--gradient-checkpointing", "--duration", "90m")[0]);
        Assert.Contains(", batches in 2 parts, ", Said("--accumulate", "2", "--bn-splits", "2")[0], StringComparison.Ordinal);
        Assert.StartsWith("simclr: resnet18 of width 0.0625, linear head, τ 0.1, batch 12, ", Said("--method", "simclr")[0],
            StringComparison.Ordinal);
    }

    [Fact]
    public void Other_views_for_the_key_and_what_looks_unwise_have_a_line_each()
    {
        Assert.Equal("Views: grey for queries, v3 for keys.", Said("--key-views", "v3")[1]);
        Assert.Equal("note: the queue of 120 keys is not shorter than the 120 images, so an image meets itself among its negatives; "
            + "--queue 32 avoids it.", Said("--queue", "120")[1]);
        Assert.Equal("note: the stem for large images leaves 1×1 of a view of 16; --stem smallimage is meant for these.",
            Said("--stem", "imagenet")[1]);
        Assert.Contains("note: --preset v3-vit has MoCo v3's recipe for vision transformers; v3's is for ResNets.", Said(
            "--preset", "v3", "--arch", "vitsmall", "--stem", "imagenet", "--hidden-dim", "16", "--method", "mocov3", "--queue", "65536"));
    }

    private string[] Said(params string[] flags)
    {
        // The last of a flag counts.
        List<string> all = [.. small.Flags(1), "--out", small.Folder.Root];
        for (int i = 0; i < flags.Length; i++)
        {
            int before = flags[i].StartsWith("--", StringComparison.Ordinal) ? all.IndexOf(flags[i]) : -1;
            if (before >= 0) all.RemoveRange(before, 2);
        }
        Plan plan = SmallRun.Asked([.. all, .. flags]).Plan;
        (plan, DataSet data) = new Job().Choose(plan, DataSet.Open(plan), isNew: true);
        using TwoCropLoader loader = data.Loader(plan, TorchSharp.torch.CPU);
        using MoCoTrainer trainer = new(plan.Options);
        return [.. Preamble.Of(plan, data, loader, trainer, new Job())];
    }
}
