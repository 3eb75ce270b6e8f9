using System.Text.Json;
using System.Threading.Channels;
using MoCo.Training;

namespace Loggers;

/// <summary>A run on an MLflow tracking server, to be given to <see cref="MoCoTrainer.Fit"/> as its progress. Training neither waits for
/// the server nor fails by it: what is logged goes into a queue, and a task of its own sends what is there until the server takes
/// it.</summary>
/// <remarks>Disposing sends the rest and ends the run: FINISHED or KILLED after <see cref="End"/>, else FAILED. A process that is killed
/// leaves it RUNNING. Of several ranks one logs: <c>group.Rank == 0 ? run : null</c>.</remarks>
internal sealed class MlflowRun : IProgress<TrainingProgress>, IDisposable
{
    private readonly MlflowClient client;
    private readonly Action<string> warn;
    private readonly CancellationTokenSource givenUp = new();
    private readonly Channel<Metric> queue;
    private readonly Task sending;
    private volatile string status = "FAILED";
    private bool hasWarned;
    private long lost;

    /// <summary>Begins a run, at once and without waiting.</summary>
    /// <param name="client">The server; the run owns it.</param>
    /// <param name="experiment">The name of the experiment; it is made if there is none.</param>
    /// <param name="name">The name of the run; null: the server finds one.</param>
    /// <param name="parameters">What the run is determined by, such as <see cref="Parameters"/>.</param>
    /// <param name="warn">Told once, on another thread, why nothing arrives, and at the end what did not; null: standard error.</param>
    /// <param name="capacity">Values that wait for the server at most; further ones are left out and counted.</param>
    public MlflowRun(
        MlflowClient client, string experiment, string? name, IEnumerable<KeyValuePair<string, string>> parameters,
        Action<string>? warn = null, int capacity = 100_000)
    {
        (this.client, this.warn) = (client, warn ?? Console.Error.WriteLine);
        queue = Channel.CreateBounded<Metric>(new BoundedChannelOptions(capacity) { SingleReader = true });
        client.Retrying += why => Warn($"{why}; what is logged waits until it answers");
        long started = Now();
        sending = Task.Run(() => SendAsync(experiment, name, started, [.. parameters]));
    }

    /// <summary>How long disposing waits for a server that does not answer. Default: 10 seconds.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Where the run is shown; null as long as the server has not answered.</summary>
    public Uri? Page { get; private set; }

    /// <summary>Options by the names of their properties, nested ones with dots: Encoder.Width.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Parameters(MoCoOptions options) =>
        Flat("", JsonSerializer.SerializeToNode(options));

    public void Report(TrainingProgress value)
    {
        foreach ((string Name, double Value)[] row in ReportedValues.Rows(value)) Log(value.Step, row);
    }

    /// <summary>Logs values of a step.</summary>
    public void Log(long step, params ReadOnlySpan<(string Name, double Value)> values)
    {
        long now = Now();
        foreach ((string name, double value) in values)
            if (!queue.Writer.TryWrite(new Metric(name, value, now, step))) Interlocked.Increment(ref lost);
    }

    /// <summary>Says that training came to its end, or was stopped.</summary>
    public void End(FitResult fit) => status = fit.Cancelled ? "KILLED" : "FINISHED";

    public void Dispose()
    {
        queue.Writer.TryComplete();
        if (!sending.Wait(Patience))
        {
            givenUp.Cancel();
            sending.Wait();
        }
        lost += queue.Reader.Count;
        if (lost > 0) warn(FormattableString.Invariant($"MLflow: values that did not arrive: {lost:N0}."));
        givenUp.Dispose();
        client.Dispose();
    }

    private async Task SendAsync(string experiment, string? name, long started, KeyValuePair<string, string>[] parameters)
    {
        try
        {
            string place = await client.ExperimentAsync(experiment, givenUp.Token);
            string run = await client.CreateRunAsync(place, name, started, givenUp.Token);
            Page = new Uri(client.Server, $"#/experiments/{place}/runs/{run}");
            await Try(() => client.LogAsync(run, parameters, givenUp.Token), 0);
            List<Metric> batch = new(MlflowClient.MostMetrics);
            while (await queue.Reader.WaitToReadAsync(givenUp.Token))
            {
                batch.Clear();
                while (batch.Count < MlflowClient.MostMetrics && queue.Reader.TryRead(out Metric metric)) batch.Add(metric);
                await Try(() => client.LogAsync(run, batch, givenUp.Token), batch.Count);
            }
            await client.EndAsync(run, status, Now(), givenUp.Token);
        }
        catch (Exception error)
        {
            // Whatever it is, it is no reason to end a training.
            Warn((error is OperationCanceledException ? $"{client.Server} does not answer" : error.Message) + "; no more is logged");
            queue.Writer.TryComplete();
        }
    }

    /// <summary>A part that the server does not take is left out; what comes after it may be taken.</summary>
    private async Task Try(Func<Task> send, int values)
    {
        try
        {
            await send();
        }
        catch (HttpRequestException error)
        {
            Warn(error.Message);
            Interlocked.Add(ref lost, values);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Add(ref lost, values);
            throw;
        }
    }

    private void Warn(string why)
    {
        if (!hasWarned) warn($"MLflow: {why}. Training goes on.");
        hasWarned = true;
    }

    private static IEnumerable<KeyValuePair<string, string>> Flat(string name, JsonNode? node) => node switch
    {
        null => [],
        JsonObject all => all.SelectMany(entry => Flat(name.Length == 0 ? entry.Key : $"{name}.{entry.Key}", entry.Value)),
        JsonValue => [KeyValuePair.Create(name, node.ToString())],
        _ => [KeyValuePair.Create(name, node.ToJsonString())],
    };

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
}
