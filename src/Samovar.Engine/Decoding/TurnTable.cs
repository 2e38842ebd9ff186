namespace Samovar.Engine.Decoding;

/// <summary>The turns that the engine's thread holds beside those that wait. That thread only.</summary>
internal sealed class TurnTable
{
    /// <summary>Turns that have a stream.</summary>
    public List<TurnRun> Running { get; } = [];

    /// <summary>Turns that are over but for a token that their readers have no room for.</summary>
    public List<TurnRun> Unread { get; } = [];
}
