using Samovar.Protocol.Items;

namespace Samovar.Backends;

/// <summary>What the user says while a turn runs, for a backend that can pass it on to who makes the response.</summary>
public interface ISteering
{
    /// <summary>All of it so far, in its order.</summary>
    IReadOnlyList<Item> Said { get; }

    /// <summary>
    /// Calls whenever more is said, and at once where something was, before the turn is ended early for it. Nothing is reported while the
    /// turn waits for outputs of its client.
    /// </summary>
    void OnSaid(Action passOn);
}
