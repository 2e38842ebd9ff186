using Samovar.Testing.Models;

namespace Samovar.Tests.Hosting;

/// <summary>
/// Settings of a server process on a tiny random model, whose sums are the same in each run: its weights and its short batches have the
/// same ones whatever the shapes are (docs/kv-cache.md), and shapes follow from what each process measured at its start.
/// </summary>
internal static class TinyEngine
{
    /// <param name="data">Its data folder.</param>
    public static Dictionary<string, string> Settings(string data) => new(StringComparer.Ordinal)
    {
        ["SAMOVAR_Server__DataPath"] = data,
        ["SAMOVAR_Logging__LogLevel__Default"] = "Warning",
        ["SAMOVAR_Engine__ModelPath"] =
            RandomModel.Ensure(Path.Combine(AppContext.BaseDirectory, "models"), RandomModelSize.Tiny, WeightType.Q8),
        ["SAMOVAR_Engine__ContextTokens"] = "4096",
        ["SAMOVAR_Engine__Streams"] = "2",
        ["SAMOVAR_Engine__Threads"] = "1",
        ["SAMOVAR_Engine__BatchTokens"] = "48",
        ["SAMOVAR_Engine__KvType"] = "f16",
        ["SAMOVAR_Engine__Device"] = "cpu",
    };
}
