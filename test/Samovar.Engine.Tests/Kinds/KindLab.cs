using Samovar.Engine.Llama;
using Samovar.Engine.Native;
using Samovar.Engine.Tests.Turns;
using Samovar.Testing.Models;
using Samovar.Testing.Models.Kinds;

namespace Samovar.Engine.Tests.Kinds;

/// <summary>Engines on small models of every kind of memory.</summary>
/// <remarks>Where kinds that remember alike are tested alike, <c>ALL_KINDS=1</c> in the environment plays all of them.</remarks>
internal static class KindLab
{
    public const int ContextTokens = 4096;

    /// <summary>Windows of an eighth of their usual tokens are left by short prompts.</summary>
    public const int ShortWindows = 8;

    public static bool PlaysAll { get; } = Environment.GetEnvironmentVariable("ALL_KINDS") is not null;
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "models");

    public static TheoryData<string> Architectures => [.. ModelKind.All.Select(kind => kind.Architecture)];

    /// <summary>One of each memory's kinds, or all of them.</summary>
    public static IReadOnlyList<string> OneOfEach { get; } = Some("llama", "gemma3", "qwen35", "mamba2");

    public static TheoryData<string> Memories => [.. OneOfEach];

    /// <summary>These, or all kinds where that is asked for.</summary>
    public static IReadOnlyList<string> Some(params string[] architectures) =>
        PlaysAll ? [.. ModelKind.All.Select(kind => kind.Architecture)] : architectures;

    public static string ModelPath(
        string architecture, bool thinks = false, WeightType type = WeightType.F32, int windowShare = 1) =>
        KindModel.Ensure(Folder, ModelKind.Of(architecture), thinks, type, windowShare: windowShare);

    public static LlamaEngine Start(string architecture, Action<EngineOptions>? change = null, bool thinks = false) =>
        EngineLab.Start(options =>
        {
            (options.ModelPath, options.ContextTokens) = (ModelPath(architecture, thinks), ContextTokens);
            change?.Invoke(options);
        });

    /// <summary>One whose sums are the same in all batches, and so the same warm and cold.</summary>
    /// <param name="windowShare">Windows have this part of their usual tokens: then short contexts leave them, too.</param>
    /// <param name="secret">What its state files are encrypted with; without it there are none.</param>
    public static LlamaEngine StartExact(
        string architecture, Action<EngineOptions>? change = null, int windowShare = 1, byte[]? secret = null) => ExactLab.Start(options =>
    {
        options.ModelPath = ModelPath(architecture, type: WeightType.Q8, windowShare: windowShare);
        options.ContextTokens = ContextTokens;
        change?.Invoke(options);
    }, secret: secret);

    public static LlamaModel LoadModel(string architecture, WeightType type = WeightType.F32) =>
        LabDevice.Load(ModelPath(architecture, type: type));

    /// <summary>Random tokens of text.</summary>
    public static int[] Tokens(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => random.Next(KindModel.TextBegin, KindModel.TextEnd))];
}
