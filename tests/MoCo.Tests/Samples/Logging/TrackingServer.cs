using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MoCo.Tests.Samples.Logging;

/// <summary>A server on this machine that answers as MLflow's REST API is documented to, with its checks and its errors, and that takes
/// what OpenTelemetry exports.</summary>
internal sealed partial class TrackingServer : IDisposable
{
    private readonly HttpListener listener = new();
    private readonly Dictionary<string, string> experiments = [];
    private readonly Task serving;

    public TrackingServer()
    {
        Address = new Uri($"http://127.0.0.1:{FreePort()}/");
        listener.Prefixes.Add(Address.AbsoluteUri);
        listener.Start();
        serving = Task.Run(ServeAsync);
    }

    public Uri Address { get; }

    /// <summary>What was asked: "GET experiments/get-by-name 404", in order.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    public ConcurrentQueue<byte[]> Exported { get; } = [];

    public List<JsonObject> Metrics { get; } = [];

    public Dictionary<string, string> Parameters { get; } = [];

    public List<int> BatchSizes { get; } = [];

    public JsonObject? Created { get; private set; }

    public JsonObject? Ended { get; private set; }

    public string? Authorization { get; private set; }

    /// <summary>Decides before the server does: a status code and a body.</summary>
    public Func<string, (int Code, string Body)?> Before { get; set; } = _ => null;

    public static int FreePort()
    {
        using TcpListener port = new(IPAddress.Loopback, 0);
        port.Start();
        return ((IPEndPoint)port.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        listener.Stop();
        serving.Wait();
        listener.Close();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or InvalidOperationException)
            {
                return; // stopped while it waited, or before it did
            }
            using MemoryStream body = new();
            await context.Request.InputStream.CopyToAsync(body);
            Authorization = context.Request.Headers["Authorization"];
            if (context.Request.Url!.AbsolutePath == "/v1/metrics")
            {
                Exported.Enqueue(body.ToArray());
                context.Response.Close();
                continue;
            }
            const string Root = "/api/2.0/mlflow/";
            string path = context.Request.Url.AbsolutePath;
            string what = path.StartsWith(Root, StringComparison.Ordinal) ? path[Root.Length..] : path;
            (int code, string answer) = Before(what) ?? Answer(context.Request, what, body.ToArray());
            Asked.Enqueue($"{context.Request.HttpMethod} {what} {code}");
            context.Response.StatusCode = code;
            try
            {
                context.Response.Close(Encoding.UTF8.GetBytes(answer), willBlock: false);
            }
            catch (Exception error) when (error is HttpListenerException or InvalidOperationException)
            {
                // Who asked has gone.
            }
        }
    }

    private (int, string) Answer(HttpListenerRequest request, string what, byte[] body)
    {
        if (request.HttpMethod == "POST" && request.ContentType != "application/json") return Invalid($"a {request.ContentType}");
        if (body.Length > 1_000_000) return Invalid("more than a megabyte");
        JsonObject asked = body.Length == 0 ? [] : JsonNode.Parse(body)!.AsObject();
        switch (request.HttpMethod, what)
        {
            case ("GET", "experiments/get-by-name"):
                string name = request.QueryString["experiment_name"]!;
                return experiments.TryGetValue(name, out string? known)
                    ? (200, $$"""{"experiment":{"experiment_id":"{{known}}","lifecycle_stage":"active"} }""")
                    : Refused(404, "RESOURCE_DOES_NOT_EXIST", $"Could not find experiment with name '{name}'");
            case ("POST", "experiments/create"):
                string id = $"{experiments.Count + 7}";
                return experiments.TryAdd($"{asked["name"]}", id) ? (200, $$"""{"experiment_id":"{{id}}"}""")
                    : Refused(400, "RESOURCE_ALREADY_EXISTS", "it exists");
            case ("POST", "runs/create"):
                Created = asked;
                return (200, """{"run":{"info":{"run_id":"abc123","status":"RUNNING"},"data":{}}}""");
            case ("POST", "runs/log-batch"):
                return Log(asked);
            case ("POST", "runs/update"):
                Ended = asked;
                return (200, """{"run_info":{"run_id":"abc123"}}""");
            default:
                return (404, "<!doctype html><title>404 Not Found</title>");
        }
    }

    private (int, string) Log(JsonObject asked)
    {
        JsonArray metrics = asked["metrics"]?.AsArray() ?? [], parameters = asked["params"]?.AsArray() ?? [];
        if ($"{asked["run_id"]}" != "abc123") return Refused(404, "RESOURCE_DOES_NOT_EXIST", $"Run '{asked["run_id"]}' not found");
        if (metrics.Count > 1000) return Invalid($"At most 1000 metrics, got {metrics.Count}");
        if (parameters.Count > 100) return Invalid($"At most 100 params, got {parameters.Count}");
        foreach (JsonNode? entry in metrics.Concat(parameters))
            if (!Allowed().IsMatch($"{entry!["key"]}") || $"{entry["key"]}".Length > 250) return Invalid($"Invalid name: '{entry["key"]}'");
        foreach (JsonNode? entry in parameters)
        {
            if ($"{entry!["value"]}".Length > 500) return Invalid($"Param value '{entry["value"]}' had length over 500");
            if (!Parameters.TryAdd($"{entry["key"]}", entry["value"]!.GetValue<string>())) return Invalid("Duplicate parameter keys");
        }
        BatchSizes.Add(metrics.Count);
        Metrics.AddRange(metrics.Select(entry => entry!.AsObject()));
        return (200, "{}");
    }

    private static (int, string) Invalid(string why) => Refused(400, "INVALID_PARAMETER_VALUE", why);

    private static (int, string) Refused(int code, string error, string why) =>
        (code, new JsonObject { ["error_code"] = error, ["message"] = why }.ToJsonString());

    [GeneratedRegex(@"^[/\w.\- ]*$")]
    private static partial Regex Allowed();
}
