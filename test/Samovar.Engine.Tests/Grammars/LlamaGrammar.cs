using System.Runtime.InteropServices;
using System.Text;
using Samovar.Engine.Native;

namespace Samovar.Engine.Tests.Grammars;

/// <summary>libllama's own sampler for a grammar: what ours is held against. It has no bounds; ordinary grammars only.</summary>
internal sealed unsafe class LlamaGrammar : IDisposable
{
    private static readonly Lazy<nint> Library = new(() => NativeLibrary.Load(Directory.EnumerateFiles(LlamaLibrary.FindFolder()!)
        .First(file => Path.GetFileName(file) is var name
            && (name.StartsWith("libllama.", StringComparison.Ordinal) || name.StartsWith("llama.", StringComparison.Ordinal)))));

    private readonly nint _sampler;
    private readonly CandidateData[] _candidates;

    public LlamaGrammar(nint vocab, int vocabularySize, string gbnf)
    {
        var make = (delegate* unmanaged<nint, byte*, byte*, nint>)NativeLibrary.GetExport(Library.Value, "llama_sampler_init_grammar");
        fixed (byte* text = Encoding.UTF8.GetBytes(gbnf + "\0"))
        fixed (byte* root = "root\0"u8) _sampler = make(vocab, text, root);
        _candidates = new CandidateData[vocabularySize];
    }

    /// <summary>Whether libllama takes the grammar at all.</summary>
    public bool IsCompiled => _sampler != 0;

    /// <summary>Whether each token may come next.</summary>
    public bool[] Allowed()
    {
        for (var token = 0; token < _candidates.Length; token++) _candidates[token] = new CandidateData { Token = token, Logit = 1 };
        fixed (CandidateData* first = _candidates)
        {
            var array = new CandidateArray { Data = first, Size = (nuint)_candidates.Length, Selected = -1 };
            SamplerCalls.llama_sampler_apply(_sampler, &array);
        }
        return [.. _candidates.Select(one => !float.IsNegativeInfinity(one.Logit))];
    }

    public void Accept(int token) => SamplerCalls.llama_sampler_accept(_sampler, token);

    public void Dispose()
    {
        if (_sampler != 0) SamplerCalls.llama_sampler_free(_sampler);
    }
}
