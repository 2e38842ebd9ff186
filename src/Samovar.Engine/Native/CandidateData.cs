using System.Runtime.InteropServices;

namespace Samovar.Engine.Native;

/// <summary><c>llama_token_data</c>: a token that may be sampled.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CandidateData
{
    public int Token;
    public float Logit;
    public float Probability;
}

/// <summary><c>llama_token_data_array</c>: what a sampler filters, sorts and selects from. Samplers may move <see cref="Data"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CandidateArray
{
    public CandidateData* Data;
    public nuint Size;
    public long Selected;
    public byte Sorted;
}

/// <summary><c>llama_sampler_chain_params</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SamplerChainParams
{
    public byte NoPerf;
}
