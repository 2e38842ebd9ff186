using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Samovar.Tests.Pull;

/// <summary>A hub of models on loopback, with a second host behind it that has the files, as hubs do; it can cut, lie and refuse.</summary>
internal sealed class FakeHub : IAsyncDisposable
{
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly List<string> _asked = [];
    private WebApplication _hub = null!, _store = null!;

    public Uri Address { get; private set; } = null!;
    public Uri Store { get; private set; } = null!;

    /// <summary>How many bytes each answer of the store has before its connection is cut, in their order; none left: all.</summary>
    public Queue<int> Cuts { get; } = [];

    /// <summary>What the store answers instead, in their order.</summary>
    public Queue<int> Refusals { get; } = [];

    /// <summary>What the hub answers instead of its list, in their order; each says when to come back.</summary>
    public Queue<int> ListRefusals { get; } = [];

    /// <summary>How often it was asked for its list.</summary>
    public int Listed { get; private set; }

    /// <summary>Where the list goes on, whatever it has; null: as it should be.</summary>
    public string? Next { get; set; }

    /// <summary>What the hub says that each file has; null: the truth.</summary>
    public long? SaidBytes { get; set; }

    /// <summary>The token without which nobody gets anything.</summary>
    public string? Token { get; set; }

    /// <summary>Whether the store knows no ranges.</summary>
    public bool IgnoresRanges { get; set; }

    /// <summary>Whether the store sends the part that was asked for though its file has another tag by now.</summary>
    public bool IgnoresIfRange { get; set; }

    /// <summary>What the store has in the place of every file; null: the file.</summary>
    public byte[]? SentInstead { get; set; }

    /// <summary>Whether the store does not say how long its answers are.</summary>
    public bool HidesLength { get; set; }

    /// <summary>Whether the store sends on and on.</summary>
    public bool IsEndless { get; set; }

    /// <summary>Whether the store answers 416 to every range.</summary>
    public bool RefusesRanges { get; set; }

    /// <summary>The store's tag of its files; null: none.</summary>
    public string? Tag { get; set; }

    /// <summary>Entries of one page of the tree.</summary>
    public int PageEntries { get; set; } = 1000;

    /// <summary>Whether the store never ends its answers' bodies after a cut's bytes.</summary>
    public TaskCompletionSource? Silence { get; set; }

    /// <summary>What the store was asked: range and token.</summary>
    public IReadOnlyList<string> Asked { get { lock (_asked) return [.. _asked]; } }

    public async Task<FakeHub> StartAsync()
    {
        (_hub, _store) = (App(), App());
        _hub.MapGet("/api/models/{owner}/{name}/tree/{revision}", TreeAsync);
        _hub.MapGet("/{owner}/{name}/resolve/{revision}/{**path}", (HttpContext http, string path) =>
            IsAllowed(http) ? Results.Redirect($"{Store}files/{path}") : Results.StatusCode(401));
        _store.MapGet("/files/{**path}", FileAsync);
        await _hub.StartAsync();
        await _store.StartAsync();
        (Address, Store) = (new Uri(_hub.Urls.First() + "/"), new Uri(_store.Urls.First() + "/"));
        return this;
    }

    public FakeHub With(string path, byte[] content)
    {
        _files[path] = content;
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        Silence?.TrySetResult();
        await _hub.DisposeAsync();
        await _store.DisposeAsync();
    }

    private static WebApplication App()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder.Build();
    }

    private bool IsAllowed(HttpContext http) => Token is null || http.Request.Headers.Authorization == $"Bearer {Token}";

    private IResult TreeAsync(HttpContext http, string owner, string name)
    {
        if (!IsAllowed(http)) return Results.StatusCode(401);
        Listed++;
        if (ListRefusals.TryDequeue(out var refusal))
        {
            http.Response.Headers.RetryAfter = "1";
            return Results.StatusCode(refusal);
        }
        if (owner != "tea") return Results.NotFound();
        var from = int.TryParse(http.Request.Query["cursor"], out var at) ? at : 0;
        if (from + PageEntries < _files.Count)
            http.Response.Headers.Link =
                $"<{Address}api/models/{owner}/{name}/tree/main?recursive=true&cursor={from + PageEntries}>; rel=\"next\"";
        if (Next is not null) http.Response.Headers.Link = $"<{Next}>; rel=\"next\"";
        return Results.Json(_files.OrderBy(file => file.Key, StringComparer.Ordinal).Skip(from).Take(PageEntries).Select(file => new
        {
            type = "file", path = file.Key, size = 130,
            lfs = new
            {
                oid = Convert.ToHexStringLower(SHA256.HashData(file.Value)), size = SaidBytes ?? file.Value.Length, pointerSize = 130,
            },
        }).Prepend<object>(new { type = "directory", path = "docs" }));
    }

    private async Task FileAsync(HttpContext http, string path)
    {
        var asked = http.Request.Headers;
        lock (_asked) _asked.Add($"{asked.Range} {asked.IfRange} {asked.Authorization}".Trim());
        if (Refusals.TryDequeue(out var refusal))
        {
            http.Response.StatusCode = refusal;
            return;
        }
        if (RefusesRanges && asked.Range.Count > 0)
        {
            http.Response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            return;
        }
        var content = SentInstead ?? _files[path];
        var from = 0;
        if (Tag is not null) http.Response.Headers.ETag = Tag;
        var isSame = IgnoresIfRange || http.Request.Headers.IfRange is [] or [null] || http.Request.Headers.IfRange == Tag;
        if (!IgnoresRanges && isSame && http.Request.GetTypedHeaders().Range is { } range)
        {
            from = (int)range.Ranges.First().From!.Value;
            http.Response.StatusCode = StatusCodes.Status206PartialContent;
            http.Response.Headers.ContentRange = $"bytes {from}-{content.Length - 1}/{content.Length}";
        }
        http.Response.ContentLength = HidesLength || IsEndless ? null : content.Length - from;
        if (!Cuts.TryDequeue(out var cut))
        {
            do await http.Response.Body.WriteAsync(content.AsMemory(from), http.RequestAborted);
            while (IsEndless);
            return;
        }
        await http.Response.Body.WriteAsync(content.AsMemory(from, cut));
        await http.Response.Body.FlushAsync();
        if (Silence is { } silence) await silence.Task;
        // Kestrel closes the connection of an answer that is shorter than announced, with what was written before
    }
}
