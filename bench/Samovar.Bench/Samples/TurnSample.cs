namespace Samovar.Bench.Samples;

/// <summary>Which measurement a sample belongs to: what has the same cell and another round is the same work again.</summary>
/// <param name="Workload">What was done: <c>fix-test</c>, <c>loop-50</c>, <c>trace-0012</c> …</param>
/// <param name="Transport">How it was said: <c>http-whole</c>, <c>http-stored</c>, <c>ws</c>, <c>ws-stored</c>, <c>ws-bare</c>,
/// <c>ws-deflate</c>, <c>chat-whole</c>.</param>
/// <param name="Backend">Who answered: <c>engine</c>, <c>provider-65</c>, <c>provider-1000</c>, or a peer's name.</param>
/// <param name="Link">What lay between: <c>lan</c>, <c>wan</c>, <c>mobile</c>, <c>airplane</c>.</param>
internal sealed record SampleCell(string Workload, string Transport, string Backend, string Link);

/// <summary>One turn of a run, as it was measured: tables, plots and claims are made of these alone. Times are milliseconds.</summary>
internal sealed record TurnSample
{
    public required SampleCell Cell { get; init; }

    /// <summary>Which repetition of the cell, from 1; rounds of all cells are interleaved.</summary>
    public required int Round { get; init; }

    /// <summary>Which conversation of its round: sub-agents have their own.</summary>
    public string Session { get; init; } = "1";

    /// <summary>From 1, within its session.</summary>
    public required int Turn { get; init; }

    /// <summary>At the client's socket, headers and TLS included; what a retried or resumed turn sent is in it.</summary>
    public long BytesUp { get; init; }
    public long BytesDown { get; init; }

    /// <summary>Of these, what is not JSON of the API: HTTP's lines and headers, upgrade, heads of frames, chunk marks.</summary>
    public long HeaderBytesUp { get; init; }
    public long HeaderBytesDown { get; init; }

    /// <summary>
    /// What the turn adds to the conversation, in bytes of its text: no client sends less without compressing. And that text behind all
    /// before it in one deflated stream.
    /// </summary>
    public long ContentBytes { get; init; }
    public long ContentDeflatedBytes { get; init; }

    /// <summary>Of these, what TLS adds; 0 without TLS.</summary>
    public long TlsBytesUp { get; init; }
    public long TlsBytesDown { get; init; }

    /// <summary>HTTP requests or frames, and TCP connections that were opened.</summary>
    public int Requests { get; init; }
    public int Handshakes { get; init; }

    /// <summary>From the first byte of the turn to the first output, and to its end; null where it never came.</summary>
    public double? FirstTokenMs { get; init; }
    public double TotalMs { get; init; }

    /// <summary>Processor time of the server; null where other turns ran beside this one.</summary>
    public double? ServerCpuMs { get; init; }

    /// <summary>Where the time went, as far as somebody knows: null is unknown, not 0.</summary>
    public double? LinkMs { get; init; }
    public double? QueueMs { get; init; }
    public double? RenderMs { get; init; }
    public double? PrefillMs { get; init; }
    public double? DecodeMs { get; init; }

    /// <summary>The whole context, what of it is new in this turn, and what was computed.</summary>
    public int InputTokens { get; init; }
    public int NewTokens { get; init; }
    public int PrefilledTokens { get; init; }
    public int OutputTokens { get; init; }

    /// <summary>Cuts of the link that the turn went through and came back from.</summary>
    public int Resumes { get; init; }

    /// <summary>A code or <c>timeout</c>; null where the turn completed.</summary>
    public string? Error { get; init; }
}
