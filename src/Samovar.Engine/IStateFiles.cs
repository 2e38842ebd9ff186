namespace Samovar.Engine;

/// <summary>An engine's files of state, as whoever stores responses sees them. Safe to call from any thread; nothing waits for the
/// disk.</summary>
public interface IStateFiles
{
    /// <summary>A turn will come soon that goes on from a path: what files have of it is read meanwhile.</summary>
    void Expect(string scope, TokenPath path);

    /// <summary>A stored response is gone: the state that nobody else needs is deleted.</summary>
    void Forget(string scope, string storedAs);

    /// <summary>The stored responses that state was kept for, of those that were heard of before a time.</summary>
    IReadOnlyList<(string Scope, string StoredAs)> KeptBefore(DateTimeOffset until);
}
