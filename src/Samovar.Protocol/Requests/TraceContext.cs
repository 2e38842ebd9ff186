using System.Buffers;
using System.Diagnostics;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Requests;

/// <summary>
/// A request's place in a distributed trace, as W3C Trace Context writes it; taken from clients, passed on to upstreams.
/// </summary>
public sealed record TraceContext
{
    private const string ParentHeader = "traceparent", StateHeader = "tracestate";
    private const int StateCharsMax = 512;
    private const int ParentChars = 55;

    private static readonly SearchValues<char> ParentLetters = SearchValues.Create("0123456789abcdef-");

    private TraceContext(string parent, string? state) => (Parent, State) = (parent, state);

    public string Parent { get; }
    public string? State { get; }

    /// <summary>The same as .NET's spans want it.</summary>
    public ActivityContext Context => ActivityContext.TryParse(Parent, State, isRemote: true, out var context) ? context : default;

    /// <summary>From a span of our own; null without one.</summary>
    public static TraceContext? Of(Activity? span) => span?.Id is { } id ? new(id, span.TraceStateString) : null;

    /// <param name="header">Gives a header's value by its name; what is not a trace context is ignored.</param>
    public static TraceContext? Read(Func<string, string?> header) => Read(header(ParentHeader), header(StateHeader));

    /// <summary>What the frame itself says, as Codex does it on sockets, where one set of headers would stand for all turns.</summary>
    public static TraceContext? Read(CreateRequest request)
    {
        var metadata = request.Field("client_metadata");
        if (metadata.Utf8.Span.IndexOf("traceparent"u8) < 0) return null;
        return Read(metadata.Text("ws_request_header_traceparent"u8), metadata.Text("ws_request_header_tracestate"u8));
    }

    public void Write(Action<string, string> header)
    {
        header(ParentHeader, Parent);
        if (State is { Length: > 0 }) header(StateHeader, State);
    }

    private static TraceContext? Read(string? parent, string? state)
    {
        if (parent is not { Length: ParentChars } || parent.AsSpan().ContainsAnyExcept(ParentLetters)) return null;
        if (!ActivityContext.TryParse(parent, null, isRemote: true, out _)) return null;
        var isPlain = state is { Length: <= StateCharsMax } && !state.AsSpan().ContainsAnyExceptInRange(' ', '~');
        return new TraceContext(parent, isPlain ? state : null);
    }
}
