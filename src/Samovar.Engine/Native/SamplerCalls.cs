using System.Runtime.InteropServices;

namespace Samovar.Engine.Native;

/// <summary>libllama: samplers. A sampler belongs to one thread at a time; making one needs only the vocabulary.</summary>
internal static unsafe partial class SamplerCalls
{
    [LibraryImport(LibraryNames.Llama)] public static partial nint llama_sampler_chain_init(SamplerChainParams parameters);
    [LibraryImport(LibraryNames.Llama)] public static partial void llama_sampler_chain_add(nint chain, nint sampler);
    [LibraryImport(LibraryNames.Llama)] public static partial void llama_sampler_free(nint sampler);
    [LibraryImport(LibraryNames.Llama)] public static partial void llama_sampler_apply(nint sampler, CandidateArray* candidates);
    [LibraryImport(LibraryNames.Llama)] public static partial void llama_sampler_accept(nint sampler, int token);
    [LibraryImport(LibraryNames.Llama)] public static partial nint llama_sampler_init_greedy();
    [LibraryImport(LibraryNames.Llama)] public static partial nint llama_sampler_init_dist(uint seed);
    [LibraryImport(LibraryNames.Llama)] public static partial nint llama_sampler_init_temp(float temperature);
    [LibraryImport(LibraryNames.Llama)] public static partial nint llama_sampler_init_top_k(int k);
    [LibraryImport(LibraryNames.Llama)] public static partial nint llama_sampler_init_top_p(float p, nuint keepMin);
    [LibraryImport(LibraryNames.Llama)] public static partial nint llama_sampler_init_min_p(float p, nuint keepMin);
    [LibraryImport(LibraryNames.Llama)]
    public static partial nint llama_sampler_init_penalties(int vocabulary, int lastTokens, float repeat, float frequency, float presence);
}
