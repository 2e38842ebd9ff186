using System.Text;
using System.Text.Json;
using Samovar.Server.Page;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Page;

/// <summary>An open page: reads its events and applies them as the browser does. Keeps every byte that came.</summary>
internal sealed class PageStream : IDisposable
{
    private readonly HttpResponseMessage _answer;
    private readonly StreamReader _lines;
    private readonly StringBuilder _text = new();

    private PageStream(HttpResponseMessage answer, Stream body) => (_answer, _lines) = (answer, new StreamReader(body));

    public HttpResponseMessage Answer => _answer;
    public string Text => _text.ToString();

    /// <summary>What the page knows by now.</summary>
    public PageState? State { get; private set; }
    public string LastId { get; private set; } = "";
    public string LastEvent { get; private set; } = "";
    public PageDelta? LastDelta { get; private set; }

    public static async Task<PageStream> OpenAsync(
        RunningServer server, string? key = null, string? lastId = null, string? cookie = null, CancellationToken cancelled = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/page/events");
        if (key is not null) request.Headers.Authorization = new("Bearer", key);
        if (lastId is not null) request.Headers.Add("Last-Event-ID", lastId);
        if (cookie is not null) request.Headers.Add("Cookie", cookie);
        var answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancelled);
        answer.EnsureSuccessStatusCode();
        return new PageStream(answer, await answer.Content.ReadAsStreamAsync(cancelled));
    }

    /// <summary>False at the stream's end.</summary>
    public Task<bool> ReadAsync(CancellationToken cancelled) => ReadAsync(applies: true, cancelled);

    /// <summary>As above, of a page that has no state yet: only what it heard is known.</summary>
    public Task<bool> ReadMetaAsync(CancellationToken cancelled) => ReadAsync(applies: false, cancelled);

    private async Task<bool> ReadAsync(bool applies, CancellationToken cancelled)
    {
        var (name, data) = ("", "");
        while (await _lines.ReadLineAsync(cancelled) is { } line)
        {
            _text.AppendLine(line);
            if (line.StartsWith("id: ", StringComparison.Ordinal)) LastId = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal)) data = line[6..];
            else if (line.Length == 0 && name.Length > 0)
            {
                LastEvent = name;
                if (applies) Apply(name, data);
                return true;
            }
        }
        return false;
    }

    public async Task<PageState> UntilAsync(Predicate<PageState> holds, CancellationToken cancelled)
    {
        while (State is null || !holds(State))
            if (!await ReadAsync(cancelled)) throw new EndOfStreamException("The page's stream ended.");
        return State;
    }

    public void Dispose()
    {
        _lines.Dispose();
        _answer.Dispose();
    }

    private void Apply(string name, string data)
    {
        if (name == "state")
        {
            State = JsonSerializer.Deserialize(data, PageJson.Default.PageState);
            return;
        }
        var delta = LastDelta = JsonSerializer.Deserialize(data, PageJson.Default.PageDelta)!;
        var before = State!;
        State = before with
        {
            Seq = delta.Seq,
            Server = delta.Server ?? before.Server,
            Totals = delta.Totals ?? before.Totals,
            Sessions = Merge(before.Sessions, delta.Sessions, delta, "sessions"),
            Lanes = Merge(before.Lanes, delta.Lanes, delta, "lanes"),
            Turns = Merge(before.Turns, delta.Turns, delta, "turns"),
            Prefixes = Merge(before.Prefixes, delta.Prefixes, delta, "prefixes"),
            Pools = Merge(before.Pools, delta.Pools, delta, "pools"),
            Models = Merge(before.Models, delta.Models, delta, "models"),
        };
    }

    private static Dictionary<string, T> Merge<T>(
        IReadOnlyDictionary<string, T> before, IReadOnlyDictionary<string, T>? changed, PageDelta delta, string name)
    {
        var now = new Dictionary<string, T>(before, StringComparer.Ordinal);
        foreach (var (id, item) in changed ?? new Dictionary<string, T>()) now[id] = item;
        foreach (var id in delta.Gone?.GetValueOrDefault(name) ?? []) now.Remove(id);
        return now;
    }
}
