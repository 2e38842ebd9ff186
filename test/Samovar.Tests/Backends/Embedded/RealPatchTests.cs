using System.Text;
using System.Text.Json;
using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Testing;
using Samovar.Testing.Grammars;
using Samovar.Testing.Models;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>A tool with a Lark grammar is called by libllama itself, with a model of random weights.</summary>
/// <remarks><c>PATCHES=1000 dotnet Samovar.Tests.dll -class '*RealPatchTests'</c> writes a thousand of them.</remarks>
public sealed class RealPatchTests : IAsyncDisposable
{
    private const int TokensMax = 400;
    private const string Opening = "<tool_call>\n{\"name\": \"apply_patch\", \"arguments\": {";

    private static readonly int Patches =
        Asked.Number("PATCHES", 24);

    private readonly LlamaEngine _engine = LlamaEngine.Load(
        new EngineOptions
        {
            ModelPath = RandomModel.Ensure(Path.Combine(AppContext.BaseDirectory, "models"), RandomModelSize.Tiny, WeightType.F32),
            ContextTokens = 2048, Streams = 2, Threads = 1, KvType = "f32", DraftTokensMax = 0,
        },
        TimeProvider.System);

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public async Task PatchesOfARandomModel_HaveNoSyntaxError()
    {
        var grammar = await GrammarAsync();
        var (whole, faults) = (0, new List<string>());
        for (uint seed = 0; seed < Patches; seed++)
        {
            var written = await WriteAsync(grammar, seed);
            Assert.True(written.StartsWith(Opening, StringComparison.Ordinal), written);
            if (!written.EndsWith("</tool_call>", StringComparison.Ordinal)) continue; // the limit of tokens cut it off
            whole++;
            var call = JsonDocument.Parse(written["<tool_call>".Length..^"</tool_call>".Length]).RootElement;
            var patch = call.GetProperty("arguments").GetProperty("input").GetString()!;
            if (PatchReader.FaultOf(patch) is { } fault) faults.Add($"{fault}: {JsonSerializer.Serialize(patch)}");
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{Patches} calls, {whole} of them to their end, {faults.Count} syntax errors");
        Assert.Empty(faults);
        Assert.True(whole > Patches / 2, $"Only {whole} of {Patches} came to an end.");
    }

    private static async Task<string> GrammarAsync()
    {
        var talk = new Talk(Families.ChatMl).SaysCalls(("apply_patch", """{"input": "x"}"""));
        var patch = new
        {
            type = "custom", name = "apply_patch", format = new { type = "grammar", syntax = "lark", definition = PatchReader.Grammar },
        };
        await talk.AskAsync(null, new { input = "x", tools = new[] { patch }, tool_choice = "required", parallel_tool_calls = false });
        return talk.Engine.Turns[^1].Sampling.Grammar!;
    }

    private async Task<string> WriteAsync(string grammar, uint seed)
    {
        var spec = new EngineTurnSpec
        {
            Namespace = "a",
            Prompt = TokenPath.Empty.Append(_engine.Tokenizer.Tokenize($"Patch {seed}.", addSpecial: false, parseSpecial: false)),
            OutputTokensMax = TokensMax,
            Sampling = new SamplingSettings
            {
                Temperature = seed % 4 == 0 ? 0f : 1f, Seed = seed, Grammar = grammar, LogitBias = Ends(),
            },
        };
        var turn = Assert.IsType<EngineAdmission.Admitted>(_engine.Begin(spec)).Turn;
        var bytes = new List<byte>();
        await foreach (var step in turn.Steps.ReadAllAsync(TestContext.Current.CancellationToken))
            bytes.AddRange(_engine.Tokenizer.Piece(step.Token).ToArray());
        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <summary>What makes lines and patches end: chance alone would hardly write that.</summary>
    private Dictionary<int, float> Ends() => "\\n*E"
        .Select(one => Assert.Single(_engine.Tokenizer.Tokenize(one.ToString(), addSpecial: false, parseSpecial: false)))
        .ToDictionary(token => token, _ => 7f);
}
