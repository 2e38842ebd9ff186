using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Backends.Models;

/// <summary>Several models in one server: which, and how long and with how much memory they stay loaded.</summary>
public sealed class ModelsOptions
{
    public const string Section = "Models";

    /// <summary>The models by the names that clients use; each is loaded when it is first asked for.</summary>
    public Dictionary<string, ServedModelOptions> Served { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Bytes of all loaded models: their weights, their cells, and what each may park. Where a model needs room, the one that was used
    /// longest ago and has no turn goes. Unless it is set, what lies in a GPU's memory is bounded by what that has free at start, and only
    /// the others by this; less where the machine's memory is small: 60 % of it.
    /// </summary>
    [Range(1, long.MaxValue)] public long BytesMax { get; set; } = 1L << 40;

    /// <summary>How long a model that nobody uses stays loaded; 0 keeps it until others need its room.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")] public TimeSpan IdleMax { get; set; }

    /// <summary>How long a client that streams is held while its model is loaded; then it is answered with a time to retry.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "06:00:00")] public TimeSpan WaitMax { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The same for a client that does not stream: it hears nothing meanwhile, so it is best answered at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "06:00:00")] public TimeSpan WholeWaitMax { get; set; }

    /// <summary>Turns that may be held for models that are loaded; half of them may be one tenant's.</summary>
    [Range(1, 100_000)] public int WaitingMax { get; set; } = 256;

    /// <summary>When a model that could not be loaded is tried again, if it is asked for.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a model waits for room while all others have turns; then the one that has been loaded longest begins no more turns until
    /// it has made room.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")] public TimeSpan GiveWayAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a loaded model is kept for those who were told to come back for it, though others need its room.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")] public TimeSpan UnusedMin { get; set; } = TimeSpan.FromSeconds(15);
}

/// <summary>One model: its file, and what is set for it alone. What is not, is as <c>Engine</c> and <c>Embedded</c> say.</summary>
public sealed class ServedModelOptions
{
    /// <summary>The GGUF file, or what <c>samovar pull</c> was asked for: <c>owner/name</c>, <c>owner/name/FILE.gguf</c>.</summary>
    public string Path { get; set; } = "";

    /// <summary>Whether it is loaded before the server takes its first request.</summary>
    public bool AtStart { get; set; }

    /// <summary>As <c>Engine:ContextTokens</c>.</summary>
    [Range(0, 1 << 20)] public int? ContextTokens { get; set; }

    /// <summary>As <c>Engine:Streams</c>.</summary>
    [Range(0, 64)] public int? Streams { get; set; }

    /// <summary>As <c>Engine:ParkedBytesMax</c>; default: an equal part of that.</summary>
    [Range(0, long.MaxValue)] public long? ParkedBytesMax { get; set; }

    /// <summary>As <c>Engine:KvType</c>.</summary>
    [RegularExpression("^(f32|f16|bf16|q8_0|q4_0)$")] public string? KvType { get; set; }

    /// <summary>As <c>Embedded:TemplatePath</c>.</summary>
    public string? TemplatePath { get; set; }

    /// <summary>As <c>Embedded:Dialect</c>.</summary>
    public string? Dialect { get; set; }

    /// <summary>As <c>Embedded:Temperature</c>.</summary>
    [Range(0.0, 2.0)] public float? Temperature { get; set; }

    /// <summary>As <c>Embedded:TopP</c>.</summary>
    [Range(0.0, 1.0)] public float? TopP { get; set; }

    /// <summary>As <c>Embedded:TopK</c>.</summary>
    [Range(0, 1_000_000)] public int? TopK { get; set; }

    /// <summary>As <c>Embedded:MinP</c>.</summary>
    [Range(0.0, 1.0)] public float? MinP { get; set; }

    /// <summary>As <c>Embedded:RepeatPenalty</c>.</summary>
    [Range(0.0, 10.0)] public float? RepeatPenalty { get; set; }
}

[OptionsValidator] public sealed partial class ModelsOptionsValidator : IValidateOptions<ModelsOptions>;
