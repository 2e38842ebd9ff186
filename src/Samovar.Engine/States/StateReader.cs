using System.Buffers.Binary;

namespace Samovar.Engine.States;

/// <summary>Reads a saved state front to back; past its end it reads zeros and has failed.</summary>
internal ref struct StateReader(ReadOnlySpan<byte> state)
{
    private ReadOnlySpan<byte> _rest = state;

    public bool Failed { get; private set; }

    public readonly int Left => _rest.Length;

    public int Int()
    {
        var bytes = Bytes(sizeof(int));
        return Failed ? 0 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
    }

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (Failed || (uint)count > (uint)_rest.Length)
        {
            Failed = true;
            return default;
        }
        var bytes = _rest[..count];
        _rest = _rest[count..];
        return bytes;
    }
}
