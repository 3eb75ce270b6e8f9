extern alias loggers;
using System.Diagnostics;
using loggers::Loggers;
using MoCo.Training;

namespace MoCo.Tests.Samples.Logging;

/// <summary>What arrives at an MLflow server, and what does not where it is away, busy or of another opinion.</summary>
public sealed class MlflowRunTests : IDisposable
{
    private static readonly FitResult Done = new(Cancelled: false, 1, 1, TimeSpan.Zero);

    private readonly TrackingServer server = new();
    private readonly List<string> warnings = [];

    public void Dispose() => server.Dispose();

    [Fact]
    public void A_run_is_the_documented_exchange_from_experiment_to_end()
    {
        using (MlflowRun run = Start([new("lr", "0.03"), new("Schedule.$type", "cosine"), new("long", new string('x', 600))]))
        {
            run.Log(20, ("loss", 5.5), ("not finite", double.NaN), ("odd:name", double.NegativeInfinity));
            run.End(Done);
        }

        Assert.Equal(
            ["GET experiments/get-by-name 404", "POST experiments/create 200", "POST runs/create 200", "POST runs/log-batch 200",
            "POST runs/log-batch 200", "POST runs/update 200"], server.Asked);
        Assert.Equal(("7", "first"), ($"{server.Created!["experiment_id"]}", $"{server.Created["run_name"]}"));
        Assert.Equal(
            [("lr", "0.03"), ("Schedule._type", "cosine"), ("long", new string('x', 500))],
            server.Parameters.Select(entry => (entry.Key, entry.Value)));
        Assert.Equal(
            ["loss 5.5 20", "not finite NaN 20", "odd_name -Infinity 20"],
            server.Metrics.Select(metric => $"{metric["key"]} {metric["value"]} {metric["step"]}"));
        long began = (long)server.Created["start_time"]!, logged = (long)server.Metrics[0]["timestamp"]!,
            ended = (long)server.Ended!["end_time"]!;
        Assert.True(began <= logged && logged <= ended, $"{began} {logged} {ended}");
        Assert.InRange(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - ended, 0, 60_000);
        Assert.Equal("FINISHED", $"{server.Ended["status"]}");
        Assert.Empty(warnings);
    }

    [Fact]
    public void An_experiment_that_is_there_is_taken_also_where_another_run_has_made_it_just_now()
    {
        using (MlflowRun first = Start([])) first.End(Done);
        bool hidden = true;
        server.Before = what => what == "experiments/get-by-name" && hidden && !(hidden = false) ? (404, "{}") : null;
        using (MlflowRun second = Start([])) second.End(Done);
        Assert.Equal(
            ["GET experiments/get-by-name 404", "POST experiments/create 400", "GET experiments/get-by-name 200", "POST runs/create 200",
            "POST runs/update 200"], server.Asked.Skip(4));
        Assert.Empty(warnings);
    }

    [Fact]
    public void Requests_keep_to_the_limits()
    {
        using ManualResetEventSlim all = new();
        server.Before = what =>
        {
            if (what == "runs/create") all.Wait();
            return null;
        };
        using (MlflowRun run = Start(Enumerable.Range(0, 230).Select(i => KeyValuePair.Create($"p{i}", $"{i}"))))
        {
            for (int step = 0; step < 2500; step++) run.Log(step, ("loss", step));
            all.Set();
            run.End(Done);
        }
        Assert.Equal(230, server.Parameters.Count);
        Assert.Equal([0, 0, 0, 1000, 1000, 500], server.BatchSizes);
        Assert.Equal(Enumerable.Range(0, 2500), server.Metrics.Select(metric => (int)metric["step"]!));
    }

    [Fact]
    public void A_server_in_trouble_is_asked_again_until_it_takes_all_and_one_line_tells_of_it()
    {
        int[] codes = [503, 429, 408, 500];
        int asked = 0;
        server.Before = _ => asked < 2 * codes.Length ? (codes[asked++ / 2], "busy") : null;
        using (MlflowRun run = Start([]))
        {
            run.Log(1, ("loss", 1));
            run.End(Done);
        }
        Assert.Single(server.Metrics);
        Assert.Equal("FINISHED", $"{server.Ended!["status"]}");
        string line = Assert.Single(warnings);
        Assert.StartsWith($"MLflow: {server.Address}api/2.0/mlflow/experiments/get-by-name", line, StringComparison.Ordinal);
        Assert.EndsWith(
            " answered 503: Service Unavailable; what is logged waits until it answers. Training goes on.", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_that_the_server_refuses_are_left_out_and_later_ones_arrive()
    {
        using ManualResetEventSlim both = new();
        int batches = 0;
        server.Before = what =>
        {
            if (what == "runs/create") both.Wait();
            return what == "runs/log-batch" && batches++ == 0 ? (400, """{"message":"I don't like it"}""") : null;
        };
        using (MlflowRun run = Start([]))
        {
            run.Log(1, ("loss", 1), ("spread", 1));
            both.Set();
            Waiting.Until(() => Volatile.Read(ref batches) == 1);
            run.Log(2, ("loss", 2));
            run.End(Done);
        }
        Assert.Equal(2, (int)Assert.Single(server.Metrics)["step"]!);
        Assert.Equal(2, warnings.Count);
        Assert.EndsWith("runs/log-batch answered 400: I don't like it. Training goes on.", warnings[0], StringComparison.Ordinal);
        Assert.Equal("MLflow: values that did not arrive: 2.", warnings[1]);
    }

    [Theory]
    [InlineData(404, "<html>no MLflow</html>", "answered 404: Not Found; no more is logged. Training goes on.")]
    [InlineData(200, "<html>log in</html>", "answered 200: what is no JSON; no more is logged. Training goes on.")]
    [InlineData(200, "{}", "the answer has no experiment.experiment_id; no more is logged. Training goes on.")]
    [InlineData(401, """{"message":"who are you?"}""", "answered 401: who are you?; no more is logged. Training goes on.")]
    public void Where_no_MLflow_answers_training_goes_on_without(int code, string body, string expected)
    {
        server.Before = _ => (code, body);
        using (MlflowRun run = Start([])) run.Log(1, ("loss", 1));
        Assert.EndsWith(expected, warnings[0], StringComparison.Ordinal);
        Assert.Equal(["MLflow: values that did not arrive: 1."], warnings[1..]);
    }

    [Fact]
    public void Logging_does_not_wait_for_a_server_that_is_away_nor_remember_without_end()
    {
        Uri nobody = new($"http://127.0.0.1:{TrackingServer.FreePort()}");
        long started = Stopwatch.GetTimestamp();
        using (MlflowRun run = new(new MlflowClient(nobody, TimeSpan.FromMilliseconds(1)), "e", null, [], warnings.Add, capacity: 100)
        {
            Patience = TimeSpan.FromMilliseconds(300),
        })
        {
            for (int step = 0; step < 10_000; step++) run.Log(step, ("loss", step));
            Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 5);
            Waiting.Until(() => warnings.Count > 0);
            run.End(Done);
        }
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 30);
        Assert.Contains("Connection refused", warnings[0], StringComparison.Ordinal);
        Assert.Equal("MLflow: values that did not arrive: 10,000.", warnings[^1]);
        Assert.Equal(2, warnings.Count);
    }

    [Theory]
    [InlineData(true, "KILLED")]
    [InlineData(null, "FAILED")]
    public void A_run_that_was_stopped_or_never_said_how_it_ended_is_marked(bool? cancelled, string status)
    {
        using (MlflowRun run = Start([]))
            if (cancelled is bool stopped) run.End(Done with { Cancelled = stopped });
        Assert.Equal(status, $"{server.Ended!["status"]}");
    }

    [Theory]
    [InlineData("MLFLOW_TRACKING_TOKEN", "Bearer secret")]
    [InlineData("MLFLOW_TRACKING_USERNAME", "Basic c2VjcmV0Og==")]
    public void Who_logs_is_what_the_environment_says(string variable, string expected)
    {
        Environment.SetEnvironmentVariable(variable, "secret");
        try
        {
            using MlflowRun run = Start([]);
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
        Assert.Equal(expected, server.Authorization);
    }

    [Fact]
    public void Options_are_parameters_by_their_names_and_reports_metrics_by_the_names_of_a_run_s_files()
    {
        MoCoOptions options = MoCoOptions.V2;
        using (MlflowRun run = Start(MlflowRun.Parameters(options)))
        {
            run.Report(new TrainingProgress(
                1, 2, 3, 4, 7, 0.9, 5.5, 0.25, 8, 0.03, 100, TimeSpan.Zero, null)
            { GradientNorm = 2, Embeddings = null });
            run.End(Done);
        }
        Assert.Equal("Mlp", server.Parameters["Encoder.Head"]);
        Assert.Equal("0.2", server.Parameters["Loss.Temperature"]);
        Assert.Equal(
            new Dictionary<string, double>
            {
                ["epoch"] = 1.75,
                ["loss"] = 5.5,
                ["contrast_accuracy"] = 0.25,
                ["learning_rate"] = 0.03,
                ["images_per_second"] = 100,
                ["gradient_norm"] = 2,
            },
            server.Metrics.ToDictionary(metric => $"{metric["key"]}", metric => (double)metric["value"]!));
        Assert.All(server.Metrics, metric => Assert.Equal(7, (long)metric["step"]!));
    }

    private MlflowRun Start(IEnumerable<KeyValuePair<string, string>> parameters) =>
        new(new MlflowClient(server.Address, TimeSpan.FromMilliseconds(1)), "moco tests", "first", parameters, warnings.Add);
}
