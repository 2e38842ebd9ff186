namespace Samovar.Engine;

/// <summary>What a model takes of memory, wherever it lies. Working memory comes beside.</summary>
/// <param name="Kind">How the model remembers.</param>
/// <param name="WeightsBytes">Of its files.</param>
/// <param name="CellsBytes">Of the state that its streams can hold.</param>
/// <param name="ParkedBytesMax">What its conversations that wait may take of host memory.</param>
public sealed record ModelMemory(MemoryKind Kind, long WeightsBytes, long CellsBytes, long ParkedBytesMax)
{
    public long Bytes => WeightsBytes + CellsBytes + ParkedBytesMax;
}
