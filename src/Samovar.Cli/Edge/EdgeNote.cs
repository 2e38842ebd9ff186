using Samovar.Escaping;
using Samovar.Protocol.Errors;

namespace Samovar.Cli.Edge;

/// <summary>What the screen shows when an edge takes requests.</summary>
internal static class EdgeNote
{
    public static void Write(TextWriter output, string url, EdgeTarget target, TimeSpan bridge, bool hasKey)
    {
        var isOpen = target.BaseUrl is { Scheme: "http", IsLoopback: false };
        output.WriteLine($"""
            The edge is ready on {url}, in front of {ForeignText.OneLine(target.BaseUrl.ToString())}
            a link that is cut is waited for up to {DurationText.Of(bridge)}; {(hasKey ? "its own key goes up" : "clients' keys go up")}
            {(isOpen ? "the way there is http: keys and words go over it as they are; https would hide them\n" : "")}
            Claude Code:           samovar connect claude --server {url}
            Chat Completions:      base URL {url}/v1
            Messages:              base URL {url}
            Press Ctrl+C to stop it.
            """);
        output.Flush();
    }
}
