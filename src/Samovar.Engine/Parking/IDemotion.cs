using Samovar.Engine.Sequences;

namespace Samovar.Engine.Parking;

/// <summary>Hears of what host memory keeps, and gets what it is about to give up.</summary>
internal interface IDemotion
{
    /// <summary>The rows, or the checkpoint, of a segment go next.</summary>
    void Goes(Segment segment, bool isCheckpoint);

    /// <summary>What an idle stream holds goes next: memory has no room that it is worth.</summary>
    void Leaves(StreamSlot slot);

    /// <summary>A segment's rows, or its checkpoint, are in host memory now.</summary>
    void Came(Segment segment) { }
}
