using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Pull;

/// <summary>Finds files in a hub of models by the two routes that clients of the Hugging Face hub use: its tree, and resolve.</summary>
/// <remarks>https://huggingface.co/docs/hub/api: the hash of a large file is the id of its LFS object.</remarks>
internal sealed class HubClient(HttpClient http, Uri hub, Retries retries, DownloadBounds bounds)
{
    /// <exception cref="PullException">The hub does not answer, has no such repository, or that has no such file.</exception>
    public async Task<IReadOnlyList<ModelFile>> FindAsync(
        ModelSource.Hub source, IPullProgress progress, CancellationToken userGone)
    {
        var entries = await TreeAsync(source, progress, userGone);
        var paths = FileChoice.Of([.. entries.Keys], source.Wanted, out var fault);
        if (fault is not null) throw new PullException($"{source.Repository}: {fault}");
        return [.. paths.Select(path => new ModelFile(
            new Uri(hub, $"{source.Repository}/resolve/{Uri.EscapeDataString(source.Revision)}/{EscapedPath(path)}"),
            source.Repository, LocalName.Of(path, entries.Keys), BytesOf(path, entries[path]), HashOf(entries[path])))];
    }

    private async Task<Dictionary<string, HubEntry>> TreeAsync(
        ModelSource.Hub source, IPullProgress progress, CancellationToken userGone)
    {
        var entries = new Dictionary<string, HubEntry>(StringComparer.Ordinal);
        var page = new Uri(hub, $"api/models/{source.Repository}/tree/{Uri.EscapeDataString(source.Revision)}?recursive=true");
        for (var pages = 1; ; pages++)
        {
            var asked = page;
            var (listed, next) = await retries.RunAsync(
                () => PageAsync(source.Repository, asked, userGone), progress, static () => 0, userGone);
            foreach (var entry in listed)
                if (entry is { Type: "file", Path: { } path }) entries[path] = entry;
            if (next is null) return entries;
            if (pages >= bounds.PagesMax)
                throw new PullException($"{source.Repository} lists more than {bounds.PagesMax} pages of files: give the file's address.");
            page = next;
        }
    }

    private async Task<(IReadOnlyList<HubEntry> Listed, Uri? Next)> PageAsync(string repository, Uri page, CancellationToken userGone)
    {
        using var answer = await PullException.OfHttpAsync(hub, () => http.GetAsync(page, userGone));
        if (PullException.Passes(answer.StatusCode)) throw PullException.Of(hub, answer);
        if (!answer.IsSuccessStatusCode) throw new PullException(Trouble(repository, answer.StatusCode));
        var listed = await PullException.OfHttpAsync(
            hub, async () => await JsonSerializer.DeserializeAsync(
                await answer.Content.ReadAsStreamAsync(userGone), HubJson.Default.HubEntryArray, userGone));
        return (listed ?? [], NextOf(answer));
    }

    /// <summary>Only of the same hub: the token goes nowhere else, and a list that is cut short is not taken for all.</summary>
    private Uri? NextOf(HttpResponseMessage answer)
    {
        if (!answer.Headers.TryGetValues("Link", out var links)) return null;
        if (string.Join(',', links).Split(',').FirstOrDefault(static link => link.Contains("rel=\"next\"", StringComparison.Ordinal))
            is not { } found) return null;
        return found.IndexOf('<') is >= 0 and var from && found.IndexOf('>', from) is > 0 and var to
            && Uri.TryCreate(hub, found[(from + 1)..to], out var next) && next.Authority == hub.Authority && next.Scheme == hub.Scheme
            ? next : throw new PullException($"{hub.Authority} goes on with its list elsewhere, which is not followed.");
    }

    private long? BytesOf(string path, HubEntry entry)
    {
        var bytes = entry.Lfs?.Size ?? entry.Size;
        return bytes is null || bytes >= 0 && bytes <= bounds.FileBytesMax ? bytes
            : throw new PullException(string.Create(CultureInfo.InvariantCulture, $"{hub.Authority} says that {path} has {bytes} bytes."));
    }

    private static string? HashOf(HubEntry entry) =>
        entry.Lfs?.Oid is { Length: 64 } oid && oid.All(char.IsAsciiHexDigit) ? oid.ToLowerInvariant() : null;

    private static string EscapedPath(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    private string Trouble(string repository, HttpStatusCode status) => status switch
    {
        HttpStatusCode.NotFound => $"{hub.Authority} has no model {repository}, or not for everybody: a token is read from HF_TOKEN.",
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
            $"{hub.Authority} does not let you have {repository}: accept its terms there, and give a token in HF_TOKEN.",
        _ => $"{hub.Authority} answers {(int)status} to a question for {repository}.",
    };
}

internal sealed record HubEntry(string? Type, string? Path, long? Size, HubLargeFile? Lfs);

internal sealed record HubLargeFile(string? Oid, long? Size);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HubEntry[]))]
internal sealed partial class HubJson : JsonSerializerContext;
