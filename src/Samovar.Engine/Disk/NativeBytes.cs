using System.Runtime.InteropServices;

namespace Samovar.Engine.Disk;

/// <summary>Native memory on its way between threads; whoever has it last gives it back.</summary>
internal sealed unsafe class NativeBytes : IDisposable
{
    private readonly Lock _gate = new();
    private byte* _data;

    public NativeBytes(long size)
    {
        _data = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, size));
        Size = size;
    }

    ~NativeBytes() => Free();

    public long Size { get; }

    public byte* Data => _data != null ? _data : throw new ObjectDisposedException(nameof(NativeBytes));

    /// <summary>A part of it that is short enough for a span.</summary>
    public Span<byte> Part(long first, int count)
    {
        if (first < 0 || count < 0 || first + count > Size) throw new ArgumentOutOfRangeException(nameof(first));
        return new Span<byte>(Data + first, count);
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        lock (_gate)
        {
            NativeMemory.Free(_data);
            _data = null;
        }
    }
}
