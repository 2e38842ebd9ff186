using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Pull;

/// <summary>Finds files in a hub of models by the two routes that clients of the Hugging Face hub use: its tree, and resolve.</summary>
/// <remarks>https://huggingface.co/docs/hub/api: the hash of a large file is the id of its LFS object.</remarks>
internal sealed class HubClient(HttpClient http, Uri hub)
{
    private const int PagesMax = 50; // of a tree: a repository with more files than that is no model

    /// <exception cref="PullException">The hub does not answer, has no such repository, or that has no such file.</exception>
    public async Task<IReadOnlyList<ModelFile>> FindAsync(ModelSource.Hub source, CancellationToken userGone)
    {
        var entries = await TreeAsync(source, userGone);
        var paths = FileChoice.Of([.. entries.Keys], source.Wanted, out var fault);
        if (fault is not null) throw new PullException($"{source.Repository}: {fault}");
        return [.. paths.Select(path => new ModelFile(
            new Uri(hub, $"{source.Repository}/resolve/{Uri.EscapeDataString(source.Revision)}/{EscapedPath(path)}"),
            source.Repository, Path.GetFileName(path), entries[path].Lfs?.Size ?? entries[path].Size, HashOf(entries[path])))];
    }

    private async Task<Dictionary<string, HubEntry>> TreeAsync(ModelSource.Hub source, CancellationToken userGone)
    {
        var entries = new Dictionary<string, HubEntry>(StringComparer.Ordinal);
        var page = new Uri(hub, $"api/models/{source.Repository}/tree/{Uri.EscapeDataString(source.Revision)}?recursive=true");
        for (var pages = 0; page is not null && pages < PagesMax; pages++)
        {
            using var answer = await PullException.OfHttpAsync(hub, () => http.GetAsync(page, userGone));
            if (!answer.IsSuccessStatusCode) throw new PullException(Trouble(source.Repository, answer.StatusCode));
            var listed = await PullException.OfHttpAsync(
                hub, () => answer.Content.ReadFromJsonAsync(HubJson.Default.HubEntryArray, userGone));
            foreach (var entry in listed ?? [])
                if (entry is { Type: "file", Path: { } path }) entries[path] = entry;
            page = NextOf(answer);
        }
        return entries;
    }

    /// <summary>Only of the same hub: the token goes nowhere else.</summary>
    private Uri? NextOf(HttpResponseMessage answer)
    {
        if (!answer.Headers.TryGetValues("Link", out var links)) return null;
        foreach (var link in string.Join(',', links).Split(','))
            if (link.Contains("rel=\"next\"", StringComparison.Ordinal) && link.IndexOf('<') is >= 0 and var from
                && link.IndexOf('>', from) is > 0 and var to && Uri.TryCreate(hub, link[(from + 1)..to], out var next)
                && next.Authority == hub.Authority)
                return next;
        return null;
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
