using System.Buffers.Binary;

namespace Samovar.Engine.States;

/// <summary>Reads a saved state front to back; past its end it reads zeros and has failed.</summary>
internal ref struct StateReader(ReadOnlySpan<byte> state)
{
    private ReadOnlySpan<byte> _remaining = state;

    public bool Failed { get; private set; }

    public readonly int Left => _remaining.Length;

    public int Int()
    {
        var bytes = Bytes(sizeof(int));
        return Failed ? 0 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
    }

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (Failed || (uint)count > (uint)_remaining.Length)
        {
            Failed = true;
            return default;
        }
        var bytes = _remaining[..count];
        _remaining = _remaining[count..];
        return bytes;
    }
}
