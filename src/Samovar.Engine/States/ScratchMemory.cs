using System.Runtime.InteropServices;

namespace Samovar.Engine.States;

/// <summary>A native buffer for one state on its way, kept between uses while it is not large.</summary>
internal sealed unsafe class ScratchMemory : IDisposable
{
    private const long KeptMax = 256L << 20;
    private byte* _data;
    private long _size;

    /// <summary>At least that many bytes; what an earlier call gave is gone.</summary>
    public byte* Take(long size)
    {
        if (size <= _size) return _data;
        NativeMemory.Free(_data);
        _size = 0;
        _data = null;
        _data = (byte*)NativeMemory.Alloc((nuint)size);
        _size = size;
        return _data;
    }

    /// <summary>Ends a use.</summary>
    public void Release()
    {
        if (_size > KeptMax) Dispose();
    }

    public void Dispose()
    {
        NativeMemory.Free(_data);
        _data = null;
        _size = 0;
    }
}
