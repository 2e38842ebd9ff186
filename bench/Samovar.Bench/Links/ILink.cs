namespace Samovar.Bench.Links;

/// <summary>A way from clients to one server that is as slow as its shape says.</summary>
internal interface ILink : IAsyncDisposable
{
    LinkShape Shape { get; }

    /// <summary><c>none</c>, <c>netem</c> or <c>userspace</c>: every figure names it.</summary>
    string Method { get; }

    /// <summary>Where clients connect to reach the server: the same path, another host and port.</summary>
    Uri Address { get; }

    /// <summary>From now on the link is as slow as its shape says, where it was opened clear.</summary>
    Task ShapeAsync();

    /// <summary>Breaks the connections that are open, as a lost signal does: nobody is told in time. New ones may be made.</summary>
    Task CutAsync();
}
