using System.Numerics;
using System.Runtime.InteropServices;
using Samovar.Engine.Native;

namespace Samovar.Engine.Sampling;

/// <summary>Room for every token of the vocabulary as a candidate; one per decoding thread, refilled for each choice.</summary>
internal sealed unsafe class CandidateBuffer(int vocabulary) : IDisposable
{
    private CandidateData* _data = (CandidateData*)NativeMemory.Alloc((nuint)vocabulary, (nuint)sizeof(CandidateData));

    public CandidateArray Fill(ReadOnlySpan<float> logits)
    {
        for (var token = 0; token < logits.Length; token++) _data[token] = new CandidateData { Token = token, Logit = logits[token] };
        return new CandidateArray { Data = _data, Size = (nuint)logits.Length, Selected = -1 };
    }

    /// <summary>Only the tokens whose bit is set.</summary>
    public CandidateArray Fill(ReadOnlySpan<float> logits, ReadOnlySpan<ulong> mask)
    {
        var kept = 0;
        for (var word = 0; word < mask.Length; word++)
            for (var bits = mask[word]; bits != 0; bits &= bits - 1)
            {
                var token = word * 64 + BitOperations.TrailingZeroCount(bits);
                if (token < logits.Length) _data[kept++] = new CandidateData { Token = token, Logit = logits[token] };
            }
        return new CandidateArray { Data = _data, Size = (nuint)kept, Selected = -1 };
    }

    public void Dispose()
    {
        NativeMemory.Free(_data);
        _data = null;
    }
}
