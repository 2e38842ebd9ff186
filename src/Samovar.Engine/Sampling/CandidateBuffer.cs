using System.Numerics;
using System.Runtime.InteropServices;
using Samovar.Engine.Native;

namespace Samovar.Engine.Sampling;

/// <summary>Room for every token of the vocabulary as a candidate; one per decoding thread, refilled for each choice.</summary>
internal sealed unsafe class CandidateBuffer(int vocabulary) : IDisposable
{
    private CandidateData* _data = (CandidateData*)NativeMemory.Alloc((nuint)vocabulary, (nuint)sizeof(CandidateData));

    /// <param name="biases">What is added to tokens' logits: in the time of their number, where libllama's sampler looks at each bias for
    /// each candidate of a masked set.</param>
    public CandidateArray Fill(ReadOnlySpan<float> logits, ReadOnlySpan<(int Token, float Bias)> biases)
    {
        for (var token = 0; token < logits.Length; token++) _data[token] = new CandidateData { Token = token, Logit = logits[token] };
        foreach (var (token, bias) in biases)
            if (token < logits.Length) _data[token].Logit += bias;
        return new CandidateArray { Data = _data, Size = (nuint)logits.Length, Selected = -1 };
    }

    /// <summary>Only the tokens whose bit is set.</summary>
    public CandidateArray Fill(ReadOnlySpan<float> logits, ReadOnlySpan<ulong> mask, ReadOnlySpan<(int Token, float Bias)> biases)
    {
        var kept = 0;
        for (var word = 0; word < mask.Length; word++)
            for (var bits = mask[word]; bits != 0; bits &= bits - 1)
            {
                var token = word * 64 + BitOperations.TrailingZeroCount(bits);
                if (token < logits.Length) _data[kept++] = new CandidateData { Token = token, Logit = logits[token] };
            }
        foreach (var (token, bias) in biases)
            if (Find(token, kept) is { } at) _data[at].Logit += bias;
        return new CandidateArray { Data = _data, Size = (nuint)kept, Selected = -1 };
    }

    private int? Find(int token, int count)
    {
        var (from, to) = (0, count - 1);
        while (from <= to)
        {
            var at = (from + to) / 2;
            if (_data[at].Token == token) return at;
            if (_data[at].Token < token) from = at + 1;
            else to = at - 1;
        }
        return null;
    }

    public void Dispose()
    {
        NativeMemory.Free(_data);
        _data = null;
    }
}
