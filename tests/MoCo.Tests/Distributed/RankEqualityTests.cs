using MoCo.Augmentation;
using MoCo.Contrast;
using MoCo.Distributed;
using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Tensors;
using static System.FormattableString;
using static TorchSharp.torch;

namespace MoCo.Tests.Distributed;

/// <summary>N ranks, here threads, compute what one process does that sees the whole batch.</summary>
public sealed class RankEqualityTests
{
    private static readonly Dictionary<string, RankResult> Alone = [];

    public static TheoryData<string, int> Runs
    {
        get
        {
            TheoryData<string, int> data = [];
            foreach (string name in RankRun.Named.Keys)
            {
                data.Add(name, 2);
                data.Add(name, 4);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Ranks_train_what_one_process_does(string name, int ranks)
    {
        RankRun run = RankRun.Named[name];
        if (!Alone.TryGetValue(name, out RankResult? alone)) Alone[name] = alone = run.Train(ProcessGroup.Single);
        RankResult[] results = ThreadGroup.Run(ranks, group => run.Train(group));

        (double difference, string worst) = alone.Worst(results[0]);
        Assert.True(difference < run.Tolerance, Invariant($"{worst} is off by {difference:G3}"));
        Assert.All(results, result => Assert.Equal(results[0].Digest(), result.Digest()));
        // It did train: the weights are others than at the beginning.
        Assert.True(run.Train(ProcessGroup.Single, 0).Worst(alone).Difference > 1e-2);
    }

    [Theory]
    [InlineData("no all-reduce")]
    [InlineData("sum in place of mean")]
    [InlineData("shuffle of rows that are not translated to samples")]
    public void A_mistake_in_the_exchange_shows(string mistake)
    {
        const int ranks = 2;
        RankRun run = RankRun.Named["v1"];
        RankResult alone = run.Train(ProcessGroup.Single);
        ProcessGroupException? told = null;
        RankResult[] results = [];
        try
        {
            results = ThreadGroup.Run(ranks, Mistaken);
        }
        catch (ProcessGroupException error)
        {
            told = error;
        }
        // Ranks that go apart are told of at the epoch's end; of others only the numbers tell.
        Assert.Equal(mistake == "no all-reduce", told is not null);
        Assert.True(
            told?.Message.StartsWith("Rank 1 differs from rank 0 at step 4, in method.encoder_q", StringComparison.Ordinal)
            ?? alone.Worst(results[0]).Difference > 1e-6);

        RankResult Mistaken(ThreadGroup group)
        {
            // Row g of what the ranks have one after the other is sample (g mod N)·ranks + g / N.
            Func<long, long, long[]>? permutation = mistake.StartsWith("shuffle", StringComparison.Ordinal) ? Untranslated : null;
            group.Reduce = mistake switch
            {
                "no all-reduce" => (own, _) => own,
                "sum in place of mean" => (own, sum) => own.numel() > 16 ? sum.Times(ranks) : sum,
                _ => group.Reduce,
            };
            return run.Train(group, permutation: permutation);

            static long[] Untranslated(long step, long count)
            {
                long own = count / ranks;
                long[] order = new BatchShuffle(7).Shuffle(Counting(count), step).Order.ToArray();
                long[] mistaken = new long[count];
                for (long place = 0; place < count; place++) mistaken[SampleOf(place)] = SampleOf(order[place]);
                return mistaken;

                long SampleOf(long row) => row % own * ranks + row / own;
            }
        }
    }

    [Theory]
    [InlineData("residual")]
    [InlineData("residual, checkpointed")]
    [InlineData("v3 on a transformer")]
    public void A_network_in_float32_makes_its_first_step_alike(string kind)
    {
        MoCoOptions options = TrainerFixture.Options with
        {
            BatchSize = 16,
            Encoder = TrainerFixture.Options.Encoder with { BatchNormSplits = 4 },
            GradientCheckpointing = kind == "residual, checkpointed",
        };
        if (kind == "v3 on a transformer")
            options = MoCoOptions.V3 with
            {
                Encoder = MoCoOptions.V3.Encoder with
                {
                    Backbone = Backbone.ViTSmall,
                    Width = 1.0 / 3,
                    InputChannels = 1,
                    HiddenDimension = 32,
                },
                BatchSize = 16,
            };
        RankResult alone = Step(ProcessGroup.Single);
        RankResult[] results = ThreadGroup.Run(4, Step);
        (double difference, string worst) = alone.Worst(results[0]);
        // The class token begins near 0, where normalisation makes a gradient, and its rounding, a thousand times larger.
        // Of a residual network the keys differ most, by 1.1e-6: products of a quarter of the rows sum in another order.
        double tolerance = options.Encoder.Backbone == Backbone.ViTSmall ? 1e-5 : 2e-6;
        Assert.True(difference < tolerance, Invariant($"{worst} is off by {difference:G3}"));

        RankResult Step(ProcessGroup group)
        {
            using MoCoTrainer trainer = new(options, group: group);
            using TwoCropLoader loader = new(
                new TrainerFixture.NoiseImages(64), AugmentationRecipe.Grey(16), options.Loader(group));
            using TwoCropBatch batch = loader.Epoch(0).First();
            double loss = trainer.Step(batch).Loss;
            trainer.EndEpoch();
            return RankResult.Of(trainer, [loss]);
        }
    }

    [Fact]
    public void A_checkpoint_is_that_of_any_number_of_processes()
    {
        using TemporaryFolder folder = new();
        RankRun run = RankRun.Named["symmetric sum, K 100, noted"];
        string[] files = [folder.File("1.ckpt"), folder.File("2.ckpt")];
        RankResult[] whole = Half(ProcessGroup.Single, files[0]);
        RankResult[][] shared = ThreadGroup.Run(2, group => Half(group, files[1]));

        // Saved and gone on with equal ranks: the same bits.
        Assert.All(shared, results => Assert.Equal(shared[0][1].Digest(), results[1].Digest()));
        Assert.Equal(shared[0][1].Digest(), ThreadGroup.Run(2, group => GoOn(group, files[1]))[0].Digest());
        Assert.Equal(whole[1].Digest(), GoOn(ProcessGroup.Single, files[0]).Digest());
        // With others: rounding.
        foreach (string file in files)
        {
            foreach (int ranks in (ReadOnlySpan<int>)[1, 2, 4])
            {
                RankResult other = ranks == 1 ? GoOn(ProcessGroup.Single, file) : ThreadGroup.Run(ranks, group => GoOn(group, file))[0];
                Assert.True(whole[1].Worst(other).Difference < run.Tolerance, $"{file} with {ranks}");
            }
        }

        RankResult[] Half(ProcessGroup group, string file)
        {
            using MoCoTrainer trainer = run.Trainer(group);
            RankRun.Steps(trainer, 5);
            trainer.Save(file);
            RankResult half = RankResult.Of(trainer, []);
            return [half, RankRun.Steps(trainer, 7)];
        }

        RankResult GoOn(ProcessGroup group, string file)
        {
            using MoCoTrainer trainer = run.Trainer(group);
            trainer.Load(file);
            return RankRun.Steps(trainer, 7);
        }
    }

    private static Tensor Counting(long count) => TensorValues.Range(0, count, 1, CPU);
}
