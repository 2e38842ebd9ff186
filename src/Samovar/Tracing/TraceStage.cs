namespace Samovar.Tracing;

/// <summary>The stages of a turn's life, in about the order in which they come; what a trace names them in JSON is snake_case.</summary>
internal enum TraceStage
{
    /// <summary>The request's bytes came in, from the first to the last.</summary>
    Receive,

    /// <summary>They were read and checked; the amount is bytes.</summary>
    Read,

    /// <summary>Waited for the turns before it in its lane, and for its place among the running turns.</summary>
    Queue,

    /// <summary>Its parent was looked for: in memory, in the store, or by content; the amount is items of the request.</summary>
    Match,

    /// <summary>The conversation was compacted, its summary included, whose stages stand below it; the amount is tokens before.</summary>
    Compact,

    /// <summary>The chat template was run; the amount is characters.</summary>
    Render,

    /// <summary>Text became tokens; the amount is tokens.</summary>
    Tokenise,

    /// <summary>Waited for a stream of the engine, or for a place at an upstream.</summary>
    Place,

    /// <summary>Parked state was brought back into the stream; the amount is tokens.</summary>
    Restore,

    /// <summary>One chunk of the prompt was computed; the amount is tokens.</summary>
    Prefill,

    /// <summary>An attempt at an upstream got its request ready, and found or opened a connection.</summary>
    Connect,

    /// <summary>The attempt went on: from the first byte of the request until the first of the answer; the amount is bytes.</summary>
    Send,

    /// <summary>From the first output to the last; the amount is output tokens.</summary>
    Decode,

    /// <summary>A server of tools listed them or ran one; the amount is bytes that it said, the detail its name in the settings.</summary>
    Tool,

    /// <summary>One write to the client's socket; the amount is bytes.</summary>
    Write,

    /// <summary>The response was kept, durably where it is stored; the amount is bytes.</summary>
    Store,
}
