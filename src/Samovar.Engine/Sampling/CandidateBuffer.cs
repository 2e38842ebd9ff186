using System.Runtime.InteropServices;
using Samovar.Engine.Native;

namespace Samovar.Engine.Sampling;

/// <summary>Room for every token of the vocabulary as a candidate; one per decoding thread, filled anew for each choice.</summary>
internal sealed unsafe class CandidateBuffer(int vocabulary) : IDisposable
{
    private CandidateData* _data = (CandidateData*)NativeMemory.Alloc((nuint)vocabulary, (nuint)sizeof(CandidateData));

    public CandidateArray Fill(ReadOnlySpan<float> logits)
    {
        for (var token = 0; token < logits.Length; token++) _data[token] = new CandidateData { Token = token, Logit = logits[token] };
        return new CandidateArray { Data = _data, Size = (nuint)logits.Length, Selected = -1 };
    }

    /// <summary>Drops the candidates that a grammar ruled out; false when none is left.</summary>
    public static bool KeepPossible(ref CandidateArray array)
    {
        nuint kept = 0;
        for (nuint index = 0; index < array.Size; index++)
            if (!float.IsNegativeInfinity(array.Data[index].Logit)) array.Data[kept++] = array.Data[index];
        array.Size = kept;
        return kept > 0;
    }

    public void Dispose()
    {
        NativeMemory.Free(_data);
        _data = null;
    }
}
