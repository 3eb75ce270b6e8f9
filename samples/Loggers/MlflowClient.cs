using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Polly;
using Polly.Retry;

namespace Loggers;

/// <summary>A value that was measured at a step.</summary>
/// <param name="Timestamp">When, in milliseconds since 1970.</param>
internal readonly record struct Metric(string Key, double Value, long Timestamp, long Step);

/// <summary>The part of MLflow's REST API that a run of training needs
/// (https://mlflow.org/docs/latest/api_reference/rest-api.html). What a server in trouble may answer later is asked again and again, until
/// the token ends it; every other refusal is an <see cref="HttpRequestException"/> with the server's own words.</summary>
/// <remarks>A server that wants to know who asks gets, as from MLflow's own clients, MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and
/// MLFLOW_TRACKING_PASSWORD, of the environment.</remarks>
internal sealed partial class MlflowClient : IDisposable
{
    /// <summary>What a request may hold, and what a server takes of a parameter, whatever its version.</summary>
    public const int MostMetrics = 1000, MostParameters = 100, LongestParameter = 500, LongestKey = 250;

    // Not finite numbers are words, as in protocol buffers' JSON.
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly HttpClient http;
    private readonly ResiliencePipeline retries;

    /// <param name="server">Its address, such as http://localhost:5000, with the path where it lies below one.</param>
    /// <param name="firstDelay">Before the second try, doubled before each further one up to 15 seconds; null: 1 second.</param>
    public MlflowClient(Uri server, TimeSpan? firstDelay = null)
    {
        Server = new Uri(server.AbsoluteUri.TrimEnd('/') + '/');
        http = new HttpClient { BaseAddress = new Uri(Server, "api/2.0/mlflow/"), Timeout = TimeSpan.FromSeconds(30) };
        http.DefaultRequestHeaders.Authorization = Authorization();
        retries = new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<HttpRequestException>(error => IsPassing(error.StatusCode))
                .Handle<TaskCanceledException>(error => error.InnerException is TimeoutException),
            MaxRetryAttempts = int.MaxValue,
            Delay = firstDelay ?? TimeSpan.FromSeconds(1),
            MaxDelay = TimeSpan.FromSeconds(15),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            OnRetry = again =>
            {
                Retrying?.Invoke(again.Outcome.Exception!.Message);
                return default;
            },
        }).Build();
    }

    /// <summary>Told why, before a request is made once more.</summary>
    public event Action<string>? Retrying;

    public Uri Server { get; }

    /// <summary>The experiment of a name, made where there is none.</summary>
    public async Task<string> ExperimentAsync(string name, CancellationToken stop)
    {
        string find = "experiments/get-by-name?experiment_name=" + Uri.EscapeDataString(name);
        try
        {
            return Text(await GetAsync(find, stop), "experiment", "experiment_id");
        }
        catch (HttpRequestException error) when (error.StatusCode == HttpStatusCode.NotFound)
        {
            try
            {
                return Text(await PostAsync("experiments/create", new { Name = name }, stop), "experiment_id");
            }
            catch (HttpRequestException made) when (made.StatusCode == HttpStatusCode.BadRequest)
            {
                // Another run has made it in the meantime.
                return Text(await GetAsync(find, stop), "experiment", "experiment_id");
            }
        }
    }

    /// <summary>Begins a run.</summary>
    /// <param name="name">What it is called; null: the server finds a name.</param>
    /// <returns>Its id.</returns>
    public async Task<string> CreateRunAsync(string experiment, string? name, long started, CancellationToken stop) => Text(
        await PostAsync("runs/create", new { ExperimentId = experiment, RunName = name, StartTime = started }, stop),
        "run", "info", "run_id");

    /// <summary>Logs parameters, with characters that no name may have replaced and long values cut.</summary>
    public async Task LogAsync(string run, IEnumerable<KeyValuePair<string, string>> parameters, CancellationToken stop)
    {
        foreach (KeyValuePair<string, string>[] part in parameters.DistinctBy(entry => Name(entry.Key)).Chunk(MostParameters))
        {
            await PostAsync("runs/log-batch", new
            {
                RunId = run,
                Params = part.Select(entry => new { Key = Name(entry.Key), Value = Cut(entry.Value, LongestParameter) }),
            }, stop);
        }
    }

    /// <summary>Logs metrics, <see cref="MostMetrics"/> at most.</summary>
    public Task LogAsync(string run, IReadOnlyList<Metric> metrics, CancellationToken stop) => PostAsync(
        "runs/log-batch", new { RunId = run, Metrics = metrics.Select(metric => metric with { Key = Name(metric.Key) }) }, stop);

    /// <summary>Ends a run.</summary>
    /// <param name="status">FINISHED, FAILED or KILLED.</param>
    public Task EndAsync(string run, string status, long ended, CancellationToken stop) =>
        PostAsync("runs/update", new { RunId = run, Status = status, EndTime = ended }, stop);

    public void Dispose() => http.Dispose();

    private static bool IsPassing(HttpStatusCode? status) =>
        status is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    private Task<JsonNode> GetAsync(string path, CancellationToken stop) => SendAsync(() => new(HttpMethod.Get, path), stop);

    private Task<JsonNode> PostAsync(string path, object body, CancellationToken stop)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(body, Json);
        return SendAsync(() => new(HttpMethod.Post, path)
        {
            Content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        }, stop);
    }

    private async Task<JsonNode> SendAsync(Func<HttpRequestMessage> make, CancellationToken stop) =>
        await retries.ExecuteAsync(async token =>
        {
            using HttpRequestMessage request = make();
            using HttpResponseMessage answer = await http.SendAsync(request, token);
            JsonNode? body = Parsed(await answer.Content.ReadAsStringAsync(token));
            if (answer.IsSuccessStatusCode && body is not null) return body;
            string said = body?["message"]?.ToString() ?? (answer.IsSuccessStatusCode ? "what is no JSON" : answer.ReasonPhrase!);
            throw new HttpRequestException($"{request.RequestUri} answered {(int)answer.StatusCode}: {said}", null, answer.StatusCode);
        }, stop);

    private static JsonNode? Parsed(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Text(JsonNode answer, params string[] path) =>
        path.Aggregate((JsonNode?)answer, (node, name) => (node as JsonObject)?[name])?.ToString()
        ?? throw new HttpRequestException($"the answer has no {string.Join('.', path)}", null, HttpStatusCode.OK);

    private static string Name(string key) => Cut(Foreign().Replace(key, "_"), LongestKey);

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];

    private static AuthenticationHeaderValue? Authorization()
    {
        if (Environment.GetEnvironmentVariable("MLFLOW_TRACKING_TOKEN") is { Length: > 0 } token) return new("Bearer", token);
        if (Environment.GetEnvironmentVariable("MLFLOW_TRACKING_USERNAME") is not { Length: > 0 } user) return null;
        string both = $"{user}:{Environment.GetEnvironmentVariable("MLFLOW_TRACKING_PASSWORD")}";
        return new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(both)));
    }

    /// <summary>What names may not have: they are letters, digits, _ - . / and spaces.</summary>
    [GeneratedRegex(@"[^\w.\-/ ]")]
    private static partial Regex Foreign();
}
