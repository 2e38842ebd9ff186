using System.Runtime.InteropServices;

namespace Samovar.Engine.Native;

/// <summary>Refuses a library whose parameter structs are not the ones this code was written for, before any is passed.</summary>
/// <param name="library">The loaded libllama.</param>
/// <param name="version">Its own name for itself.</param>
internal sealed unsafe class LayoutCheck(nint library, string version)
{
    private const int ProbeBytes = 512;
    private static readonly string[] Known = ["0.4.0", "0.5.0"];

    /// <summary>Whether the structs of a release were compared with those here, on a processor where that can be done.</summary>
    internal static bool IsKnown(string version) =>
        Known.Any(known => version == known || version.StartsWith(known + "-", StringComparison.Ordinal));

    public void Run()
    {
        var model = ModelCalls.llama_model_default_params();
        var context = ContextCalls.llama_context_default_params();
        Expect(model is { UseExtraBuffers: 1, VocabularyOnly: 0, NoAlloc: 0, LoadMtp: 0 }, "llama_model_params");
        Expect(context is { OutputsPerSequenceMax: 1, RopeScaling: -1, FlashAttention: -1, YarnBetaSlow: -1, KeyType: 1, ValueType: 1 },
            "llama_context_params");
        Expect(context is { OffloadKqv: 1, Embeddings: 0, UnifiedKv: 0, FullSlidingWindow: 1, OtherContext: 0 }, "llama_context_params");
        // The size probe needs a result pointer that is a plain argument; elsewhere only releases are taken whose sizes are known.
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64 && !IsKnown(version))
            throw new EngineLoadException(
                $"This libllama ({version}) is none of the releases that Samovar knows on this processor: {string.Join(", ", Known)}.");
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64) return;
        ExpectSize("llama_model_default_params", sizeof(ModelParams));
        ExpectSize("llama_context_default_params", sizeof(ContextParams));
    }

    // The functions write their whole struct through a hidden pointer: what changes between two fillings was not written.
    private void ExpectSize(string name, int expected)
    {
        var function = (delegate* unmanaged[Cdecl]<byte*, void>)NativeLibrary.GetExport(library, name);
        byte* low = stackalloc byte[ProbeBytes], high = stackalloc byte[ProbeBytes];
        new Span<byte>(low, ProbeBytes).Fill(0x55);
        new Span<byte>(high, ProbeBytes).Fill(0xAA);
        function(low);
        function(high);
        var written = ProbeBytes;
        while (written > 0 && low[written - 1] != high[written - 1]) written--;
        Expect(written <= expected && written > expected - sizeof(long), name);
    }

    private void Expect(bool holds, string what)
    {
        if (holds) return;
        throw new EngineLoadException($"This libllama ({version}) has another {what} than Samovar was written for.");
    }
}
