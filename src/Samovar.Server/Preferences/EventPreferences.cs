using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Responses;

namespace Samovar.Server.Preferences;

/// <summary>How a client wants its events written: said in the query, or in a header where the query says nothing.</summary>
internal static class EventPreferences
{
    /// <exception cref="ApiException"><c>invalid_value</c> with the query's name as its param.</exception>
    public static ResponseEventOptions Read(HttpRequest request)
    {
        var isSlim = Wants(request, "snapshots", "slim", header: "x-samovar-snapshots");
        var isOpen = Wants(request, "reasoning_events", "open_responses");
        if (!isSlim && !isOpen) return ResponseEventOptions.Default;
        return new ResponseEventOptions
        {
            Snapshots = isSlim ? SnapshotKind.Slim : SnapshotKind.Full,
            Reasoning = isOpen ? ReasoningNames.OpenResponses : ReasoningNames.OpenAI,
        };
    }

    /// <summary>Whether the client of a socket says that it can resume a turn whose events it lost.</summary>
    /// <exception cref="ApiException"><c>invalid_value</c> with the query's name as its param.</exception>
    public static bool CanResume(HttpRequest request) => Wants(request, "resume", "true", header: "x-samovar-resume");

    /// <summary>How long it asks for its turns to go on when it is lost; null where it does not say, or not in seconds.</summary>
    public static TimeSpan? Grace(HttpRequest request) =>
        int.TryParse(request.Headers["x-samovar-resume-grace"], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds) : null;

    private static bool Wants(HttpRequest request, string name, string value, string? header = null)
    {
        var said = request.QueryString.HasValue ? request.Query[name] : StringValues.Empty;
        if (said.Count == 0 && header is not null) said = request.Headers[header];
        if (said.Count == 0) return false;
        return string.Equals(said.ToString(), value, StringComparison.Ordinal)
            ? true
            : throw new ApiException(Errors.InvalidValue, [said.ToString(), $"'{value}'"], param: name);
    }
}
