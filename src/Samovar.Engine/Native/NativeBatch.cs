using System.Runtime.InteropServices;

namespace Samovar.Engine.Native;

/// <summary><c>llama_batch</c>: pointers to one entry per token.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeBatch
{
    public int Count;
    public int* Tokens;
    public float* Embeddings;
    public int* Positions;
    public int* SequenceCounts;
    public int** SequenceIds;
    public byte* Outputs;
}
