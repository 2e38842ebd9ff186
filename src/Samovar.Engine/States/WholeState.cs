using System.Runtime.InteropServices;

namespace Samovar.Engine.States;

/// <summary>A stream's state as libllama wrote it, uninterpreted.</summary>
internal sealed unsafe class WholeState
{
    public WholeState(byte* source, long bytes)
    {
        Bytes = bytes;
        Data = (byte*)NativeMemory.Alloc((nuint)bytes);
        Buffer.MemoryCopy(source, Data, bytes, bytes);
    }

    public byte* Data { get; private set; }

    public long Bytes { get; }

    public void Free()
    {
        NativeMemory.Free(Data);
        Data = null;
    }
}
