using MoCo.Contrast;
using MoCo.Optimization;
using Pretrain;
using Quickstart;

namespace Lab;

/// <summary>What all runs have in common: the images, and the recipe that each trial is a change to.</summary>
internal sealed class Ground
{
    private readonly Plan usual;

    private Ground(Plan usual, DataSet data, Recipe recipe) => (this.usual, Data, Recipe) = (usual, data, recipe);

    /// <summary>The images to learn from and to measure with.</summary>
    public DataSet Data { get; }

    /// <summary>Quickstart's, fitted to the images.</summary>
    public Recipe Recipe { get; }

    public int Images => (int)Data.Count;

    public int Classes => Data.Bank!.Classes.Count;

    /// <summary>Opens the images.</summary>
    /// <exception cref="UsageException">They can't be read, or have no labels to measure with.</exception>
    public static Ground Open(Asked asked, int threads)
    {
        Plan plan = QuickJob.Usual with { Data = asked.Data, Threads = threads, LogEverySteps = 1 };
        DataSet all = DataSet.Open(plan);
        if (all is not { Train: IImageSource train, Bank: not null, Queries: not null })
            throw new UsageException($"{asked.Data}: {all.Measured}; a comparison needs labelled images, in one folder for each class "
                + "or in the files of the MNIST family or CIFAR.");
        IImageSource kept = asked.Images is int most && most < train.Count ? train.Spread(most) : train;
        Recipe recipe = Recipe.For(kept, asked.Size);
        if (asked.Width is double width)
            recipe = recipe with { Options = recipe.Options with { Encoder = recipe.Options.Encoder with { Width = width } } };
        return new Ground(plan, all with { Train = kept, Bank = kept, Views = new TwoCropRecipe(recipe.Views) }, recipe);
    }

    /// <summary>The recipe with other options.</summary>
    public Recipe With(Func<MoCoOptions, MoCoOptions> change) => Recipe with { Options = change(Recipe.Options) };

    /// <summary>The recipe with v1's or v2's head and its τ, views with or without blur, and v2's or v1's schedule.</summary>
    public Recipe Headed(bool mlp, bool blur, bool cosine, int epochs)
    {
        // Of a view of 96 pixels the paper's, which are of 224, take away as much as of one of 224 what matters to a class.
        double sigma = Math.Clamp(Recipe.Views.OutputSize / 48.0, 0.5, 2);
        return With(options => options with
        {
            Encoder = options.Encoder with { Head = mlp ? HeadKind.Mlp : HeadKind.Linear },
            Loss = options.Loss with { Temperature = mlp ? 0.2 : 0.07 },
            Schedule = cosine ? options.Schedule : new StepSchedule
            {
                WarmupEpochs = options.Schedule.WarmupEpochs,
                Milestones = [(int)Math.Round(epochs * 0.6), (int)Math.Round(epochs * 0.8)],
            },
        }) with
        { Views = blur ? Recipe.Views.Then(AugmentationStep.GaussianBlur(0.1, sigma, 0.5)) : Recipe.Views };
    }

    /// <summary>The run of a trial.</summary>
    public (Plan Plan, DataSet Data) Run(Studies.Trial trial, int epochs, long seed)
    {
        Recipe recipe = trial.Make(this, epochs);
        MoCoOptions options = recipe.Options with
        {
            Epochs = epochs,
            Seed = seed,
            // BatchNorm can't normalize a last batch of one.
            DropLastBatch = Images % recipe.Options.BatchSize == 1,
            Encoder = recipe.Options.Encoder with { InputChannels = Data.Train.Channels },
        };
        if (options.Method == MethodKind.MemoryBank) options = Plan.OfSize(options, Images);
        Plan plan = usual with { Options = options };
        return (plan.WithoutOwnKeys(Data), Data with { Views = new TwoCropRecipe(recipe.Views), Bank = null, Queries = null });
    }

    /// <summary>What an encoder is measured by.</summary>
    public Measurement Measurement(CancellationToken stop) => new(Data, usual, stop);
}
