using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Samovar.Backends;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Hostile;

/// <summary>A server that is sent nasty requests, and what it does wrong.</summary>
internal sealed class HostileServer : IAsyncDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly FaultLog _log = new();
    private readonly List<string> _faults = [];
    private RunningServer _server = null!;

    public RunningServer Server => _server;

    /// <summary>Requests that were accepted: a test in which all are refused shows nothing.</summary>
    public int Accepted { get; private set; }
    public int Refused { get; private set; }

    public static async Task<HostileServer> StartAsync(IBackend? backend, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var hostile = new HostileServer();
        hostile._server = await RunningServer.StartAsync(backend, settings,
            services => services.AddLogging(logging => logging.ClearProviders().AddProvider(hostile._log)));
        return hostile;
    }

    /// <summary>Sends one body: it has to be answered with 200, or with a clean 4xx in the API's shape.</summary>
    public async Task<JsonElement?> PostAsync(string path, string place, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = Json;
        using var reply = await _server.Http.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        var text = await reply.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return Judge(path, place, (int)reply.StatusCode, text);
    }

    /// <summary>What is stored of a response can be read, whatever stands in it.</summary>
    public async Task ReadBackAsync(string place, JsonElement response)
    {
        if (!response.TryGetProperty("id"u8, out var id) || !response.GetProperty("store"u8).GetBoolean()) return;
        var own = $"/v1/responses/{id}";
        foreach (var path in new[] { own, own + "/input_items", own + "/input_items?order=asc" })
        {
            using var reply = await _server.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            var text = await reply.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
            if ((int)reply.StatusCode != 200) _faults.Add($"{(int)reply.StatusCode} {path} {place}");
            else Parsed(path, place, text);
        }
    }

    public void Note(string fault) => _faults.Add(fault);

    /// <summary>Whether every text of a JSON value can be read by a client that reads strictly.</summary>
    public JsonElement? Parsed(string path, string place, ReadOnlyMemory<byte> json)
    {
        try
        {
            var root = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 200 }).RootElement;
            Walk(root);
            return root;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            _faults.Add($"unreadable answer {path} {place}: {exception.Message}");
            return null;
        }
    }

    public void AssertClean()
    {
        var all = _faults.Concat(_log.Lines.Select(line => "logged: " + line)).ToList();
        var seen = all.Take(25).Select(fault => fault[..Math.Min(fault.Length, 700)]);
        Assert.True(all.Count == 0, $"{all.Count} faults\n" + string.Join('\n', seen));
        Assert.True(Accepted > 0, "nothing was accepted");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private JsonElement? Judge(string path, string place, int status, byte[] text)
    {
        var json = Parsed(path, place, text);
        if (status == 200)
        {
            Accepted++;
            return json;
        }
        Refused++;
        if (status is < 400 or >= 500) _faults.Add($"{status} {path} {place}: {System.Text.Encoding.UTF8.GetString(text)}");
        else if (json is not { } error || !IsError(error)) _faults.Add($"no error's shape {path} {place}");
        return null;
    }

    private static bool IsError(JsonElement json) => json.TryGetProperty("error"u8, out var error)
        && error.TryGetProperty("message"u8, out var message) && message.GetString() is { Length: > 0 }
        && error.TryGetProperty("type"u8, out _);

    private static void Walk(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String: json.GetString(); break;
            case JsonValueKind.Array:
                foreach (var element in json.EnumerateArray()) Walk(element);
                break;
            case JsonValueKind.Object:
                foreach (var field in json.EnumerateObject())
                {
                    _ = field.Name;
                    Walk(field.Value);
                }
                break;
        }
    }
}
