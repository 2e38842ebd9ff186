using Samovar.Escaping;
using Samovar.Protocol.Errors;

namespace Samovar.Cli.Edge;

/// <summary>What the screen shows when an edge takes requests.</summary>
internal static class EdgeNote
{
    /// <param name="storeTrouble">That it cannot keep what its clients store, in a line; null where it can.</param>
    public static void Write(TextWriter output, string url, EdgeTarget target, TimeSpan bridge, bool hasKey, string? storeTrouble = null)
    {
        var isOpen = target.BaseUrl is { Scheme: "http", IsLoopback: false };
        var keys = hasKey ? "its own key goes up" : "clients' keys go up";
        var trouble = storeTrouble is null ? "" : $"\n{storeTrouble}";
        output.WriteLine($"""
            The edge is ready on {url}, in front of {ForeignText.OneLine(target.BaseUrl.ToString())}
            a link that is cut is waited for up to {DurationText.Of(bridge)}; {keys}{trouble}
            {(isOpen ? "the way there is http: keys and words go over it as they are; https would hide them\n" : "")}
            Claude Code:           samovar connect claude --server {url}
            Chat Completions:      base URL {url}/v1
            Messages:              base URL {url}
            Press Ctrl+C to stop it.
            """);
        output.Flush();
    }
}
