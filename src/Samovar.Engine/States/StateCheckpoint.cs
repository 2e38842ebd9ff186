using System.Runtime.InteropServices;
using Samovar.Engine.Native;

namespace Samovar.Engine.States;

/// <summary>What is kept of a stream's state at one place, as libllama wrote it, uninterpreted.</summary>
internal sealed unsafe class StateCheckpoint
{
    public StateCheckpoint(byte* source, long bytes, MarkKind kind, StatePart part = StatePart.Whole)
    {
        (Bytes, Kind, Part) = (bytes, kind, part);
        Data = (byte*)NativeMemory.Alloc((nuint)bytes);
        Buffer.MemoryCopy(source, Data, bytes, bytes);
    }

    public byte* Data { get; private set; }

    public long Bytes { get; }

    /// <summary>Whether it is all of the state, or needs rows beside it.</summary>
    public StatePart Part { get; }

    /// <summary>Why it was taken.</summary>
    public MarkKind Kind { get; set; }

    /// <summary>The engine's turn count when it was taken or last used.</summary>
    public long LastUsed { get; set; }

    /// <summary>Whether its chain has a newer one of its kind, and nobody came back to it since.</summary>
    public bool IsSuperseded { get; set; }

    public void Free()
    {
        NativeMemory.Free(Data);
        Data = null;
    }
}
