namespace Samovar.Testing.Upstreams;

/// <summary>What a fake upstream does to one request instead of answering it.</summary>
internal enum FakeFault
{
    None,

    /// <summary>429 with <c>retry-after: 7</c>, before anything else.</summary>
    TooMany,

    /// <summary>429 because the account has nothing left, before anything else.</summary>
    QuotaSpent,

    /// <summary>503, before anything else.</summary>
    Overloaded,

    /// <summary>401, before anything else.</summary>
    KeyRefused,

    /// <summary>400 with a code of its own, before anything else.</summary>
    Invalid,

    /// <summary>The continued response is not known, whatever it is.</summary>
    ParentForgotten,

    /// <summary>The socket's age limit.</summary>
    ConnectionLimit,

    /// <summary>The frame is longer than it takes.</summary>
    TooLong,

    /// <summary>The connection ends: after the request, after created, after the first delta, before the terminal event.</summary>
    DropAfterSend,
    DropAfterCreated,
    DropAfterDelta,
    DropBeforeEnd,

    /// <summary>Silence at the same points.</summary>
    HangAfterSend,
    HangAfterCreated,
    HangAfterDelta,

    /// <summary>The stream says that the turn failed: after created, after the first delta.</summary>
    FailAfterCreated,
    FailAfterDelta,

    /// <summary>What is not JSON, after created.</summary>
    GarbageAfterCreated,

    /// <summary>JSON that is not an object; JSON that is nested too deep: after created.</summary>
    ArrayAfterCreated,
    DepthAfterCreated,

    /// <summary>The answer is whole, and neither the stream's mark nor its end comes.</summary>
    HangAtEnd,
}
