using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Samovar.Engine.Disk;

/// <summary>Native memory on its way between threads; whoever has it last gives it back.</summary>
internal sealed unsafe class NativeBytes : SafeHandleZeroOrMinusOneIsInvalid
{
    public NativeBytes(long size)
        : base(ownsHandle: true)
    {
        SetHandle((nint)NativeMemory.Alloc((nuint)Math.Max(1, size)));
        Size = size;
    }

    public long Size { get; }

    public byte* Data => IsClosed ? throw new ObjectDisposedException(nameof(NativeBytes)) : (byte*)handle;

    /// <summary>A part of it that is short enough for a span.</summary>
    public Span<byte> Part(long first, int count)
    {
        if (first < 0 || count < 0 || first + count > Size) throw new ArgumentOutOfRangeException(nameof(first));
        return new Span<byte>(Data + first, count);
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        return true;
    }
}
