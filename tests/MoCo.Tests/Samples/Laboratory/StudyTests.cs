using System.Globalization;
using Lab;
using Lab.Studies;
using MoCo.Contrast;
using MoCo.Contrast.Negatives;
using Pretrain;
using Pretrain.Plans;
using Samples;

namespace MoCo.Tests.Samples.Laboratory;

public sealed class StudyTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Asked asked;
    private readonly Ground ground;

    public StudyTests()
    {
        // As the programs run: without cultures.
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        QuarterImages.Write(folder.Path, "train", 320);
        QuarterImages.Write(folder.Path, "t10k", 80);
        asked = new Asked(folder.Path, null, 1, 1, 1, 8, 0.0625);
        ground = Ground.Open(asked, threads: 1);
    }

    public static TheoryData<string> Trained => [.. StudyList.Names.Except([StudyList.Cost, StudyList.All])];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Trained))]
    public void Every_row_of_a_study_is_a_run_that_can_be_made_and_has_a_name_and_a_folder_of_its_own(string name)
    {
        Study study = StudyList.Get(name, ground);

        foreach (Trial trial in study.Trials)
            foreach (int epochs in new[] { 1, 2, 200 })
                ground.Run(trial, epochs, seed: 0).Plan.Validate();
        Assert.Equal(study.Trials.Count, study.Trials.Select(trial => trial.Folder).Distinct().Count());
        Assert.All(study.Claims, claim => Assert.Equal(
            2, study.Trials.Count(trial => trial.Name == claim.First || trial.Name == claim.Second)));
        Assert.Equal(name, study.Name);
    }

    [Fact]
    public void The_rows_of_a_study_differ_from_one_another_in_their_options_or_views()
    {
        foreach (string name in Trained.Select(row => row.Data))
        {
            (Plan Plan, DataSet Data)[] runs = [.. StudyList.Get(name, ground).Trials.Select(trial => ground.Run(trial, 5, 0))];
            Assert.Equal(runs.Length, runs.Select(run => (run.Plan.Options, run.Data.Views.Query.Steps.Length)).Distinct().Count());
        }
    }

    [Fact]
    public void A_queue_longer_than_the_data_leaves_out_own_images_and_the_oracle_stays_one()
    {
        Study queue = StudyList.Get("queue", ground), methods = StudyList.Get("methods", ground);

        Assert.All(queue.Trials, trial => Assert.Equal(
            ground.Run(trial, 1, 0).Plan.Options.Queue.Length >= 320 ? KeyExclusion.OwnImage : KeyExclusion.None,
            ground.Run(trial, 1, 0).Plan.Options.Queue.LeaveOut));
        Trial oracle = methods.Trials.Single(trial => trial.Name.EndsWith("oracle", StringComparison.Ordinal));
        Assert.Equal(KeyExclusion.OwnClass, ground.Run(oracle, 1, 0).Plan.Options.Queue.LeaveOut);
    }

    [Fact]
    public void End_to_end_learning_has_its_batch_as_dictionary_and_a_rate_in_proportion()
    {
        MoCoOptions usual = ground.Recipe.Options;
        QuarterImages.Write(folder.Path, "train", 5000);
        Study study = StudyList.Get("mechanisms", Ground.Open(asked, 1));

        Trial[] batches = [.. study.Trials.Where(trial => trial.Series == "end-to-end")];
        Assert.Equal(["256", "512", "1,024"], batches.Select(trial => trial.Place));
        MoCoOptions last = batches[^1].Make(Ground.Open(asked, 1), 1).Options;
        Assert.Equal((MethodKind.EndToEnd, 1024, usual.Optimizer.LearningRate * 1024 / usual.BatchSize),
            (last.Method, last.BatchSize, last.Optimizer.LearningRate));
    }

    [Theory]
    [InlineData(60, 0, 10, 60, 30, 10)]
    [InlineData(60, 600, 10, 60, 30, 8)]
    [InlineData(1, 0, 10, 60, 30, 1)]
    [InlineData(60, 0, 10, 0, 361, 1)]
    public void The_slowest_run_has_time_for_its_epochs_in_its_share_of_the_budget(
        double minutes, double spent, int runs, double measuring, double longest, int epochs) =>
        Assert.Equal(epochs, StudyRun.Epochs(minutes, spent, runs, measuring, longest));

    [Fact]
    public void A_run_that_diverges_is_a_row_with_its_reason_and_neither_its_pace_nor_the_study_ends_by_it()
    {
        Study study = new("tiny", "Rates", "rate", "nowhere", "none", [Rate(0.06), Rate(1e30)]);
        string place = folder.File("study");
        using StopSignals signals = new();

        new StudyRun(study, ground, asked with { Epochs = null, Budget = 1e-5 }, place, new Silent(), signals).Execute();

        StudyFile file = Json.Read<StudyFile>(Path.Combine(place, StudyFile.Name));
        Assert.Equal(1, file.Epochs);
        Assert.Equal(["0.06", "1E+30"], file.Seconds.Keys);
        Assert.All(file.Seconds.Values, seconds => Assert.InRange(seconds, 0.001, 60));
        string[] rows = File.ReadAllLines(Path.Combine(place, StudyRun.ResultsName));
        Assert.Equal(3, rows.Length);
        Assert.Contains(",done,", rows[1], StringComparison.Ordinal);
        Assert.Matches(@",,,.*,diverged,the loss was not finite at step \d+$", rows[2]);

        static Trial Rate(double rate) => new($"{rate}", (ground, _) => ground.With(options => options with
        {
            Optimizer = options.Optimizer with { LearningRate = rate },
        }));
    }

    private sealed class Silent : Display
    {
        public override void Say(string line)
        {
        }

        public override void Show(RunStatus status)
        {
        }
    }
}
