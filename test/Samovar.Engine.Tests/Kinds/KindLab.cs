using Samovar.Engine.Llama;
using Samovar.Engine.Native;
using Samovar.Engine.Tests.Turns;
using Samovar.Testing.Models;
using Samovar.Testing.Models.Kinds;

namespace Samovar.Engine.Tests.Kinds;

/// <summary>Engines on small models of every kind of memory.</summary>
internal static class KindLab
{
    public const int ContextTokens = 4096;
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "models");

    public static TheoryData<string> Architectures => [.. ModelKind.All.Select(kind => kind.Architecture)];

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
