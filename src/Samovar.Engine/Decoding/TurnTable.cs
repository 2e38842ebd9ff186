namespace Samovar.Engine.Decoding;

/// <summary>The turns that the engine's thread holds beside those that wait. That thread only.</summary>
/// <param name="streams">Turns that may have one at once.</param>
internal sealed class TurnTable(int streams)
{
    /// <summary>Turns that have a stream.</summary>
    public List<TurnRun> Running { get; } = new(streams);

    /// <summary>Turns that are over but for a token that their readers have no room for.</summary>
    public List<TurnRun> Unread { get; } = [];
}
