using Samovar.Engine.Llama;
using Samovar.Engine.Native;
using Samovar.Testing.Models;
using Samovar.Testing.Models.Kinds;

namespace Samovar.Engine.Tests.Kinds;

/// <summary>Engines on small models of every kind of memory.</summary>
internal static class KindLab
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "models");

    /// <summary>Biases no turn to end by chance.</summary>
    public static IReadOnlyDictionary<int, float> NoEnd { get; } = KindModel.EndTokens.ToDictionary(token => token, _ => -1000f);

    public static TheoryData<string> Architectures => [.. ModelKind.All.Select(kind => kind.Architecture)];

    public static string ModelPath(string architecture, bool thinks = false, WeightType type = WeightType.F32) =>
        KindModel.Ensure(Folder, ModelKind.Of(architecture), thinks, type);

    public static LlamaEngine Start(string architecture, Action<EngineOptions>? change = null, bool thinks = false) =>
        EngineLab.Start(options =>
        {
            (options.ModelPath, options.ContextTokens) = (ModelPath(architecture, thinks), 4096);
            change?.Invoke(options);
        });

    public static LlamaModel LoadModel(string architecture, WeightType type = WeightType.F32)
    {
        EngineLab.NeedLibrary();
        LlamaLibrary.Load();
        return new LlamaModel(ModelPath(architecture, type: type), 0);
    }

    /// <summary>Random tokens of text.</summary>
    public static int[] Tokens(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(256, KindModel.TextTokens))];
}
