using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Compaction;

/// <summary>What a compaction keeps of a conversation, and what its seal is.</summary>
public sealed class CompactionOptions
{
    public const string Section = "Compaction";

    /// <summary>
    /// The file of the keys that compactions are sealed with, in the data folder; made when the first is needed. Empty: a key in memory
    /// alone, so that after a restart no earlier compaction can be opened.
    /// </summary>
    [MaxLength(4096)] public string KeyFile { get; set; } = "compaction.keys";

    /// <summary>Bytes of the newest items that are kept as they are: calls, their results, answers.</summary>
    [Range(0, 16 << 20)] public int RecentBytesMax { get; set; } = 16 << 10;

    /// <summary>Bytes of older messages of the user that are kept as they are, the newest and the first before the others.</summary>
    [Range(0, 16 << 20)] public int UserBytesMax { get; set; } = 64 << 10;

    /// <summary>Bytes of the notes that take the place of older items where the model's own summary cannot be used.</summary>
    [Range(256, 1 << 20)] public int NotesBytesMax { get; set; } = 8 << 10;

    /// <summary>Whether the model is asked for a summary; without it the notes are always taken from the conversation itself.</summary>
    public bool Summarizes { get; set; } = true;

    /// <summary>Tokens of a summary; one that is longer is not used.</summary>
    [Range(16, 1 << 16)] public int SummaryTokensMax { get; set; } = 1024;

    /// <summary>How long a summary may take; then the notes are taken from the conversation itself.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")] public TimeSpan SummaryTimeMax { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The part of the model's context that all of this together may take, where the context is known.</summary>
    [Range(0.01, 0.9)] public double ContextShare { get; set; } = 0.25;

    /// <summary>
    /// The part of the model's context from which on a conversation is compacted whose request asks for it and names no threshold.
    /// </summary>
    [Range(0.1, 1)] public double ThresholdShare { get; set; } = 0.8;

    /// <summary>
    /// The part of the prompt that has to have come since the last compaction before a conversation is compacted once more by itself, where
    /// what is kept is above the threshold already; not where the model's context is nearly full.
    /// </summary>
    [Range(0.0, 0.9)] public double GainShareMin { get; set; } = 0.25;

    /// <summary>That threshold in tokens where the model's context is not known.</summary>
    [Range(1000, 100_000_000)] public int ThresholdDefault { get; set; } = 128_000;
}

[OptionsValidator] public sealed partial class CompactionOptionsValidator : IValidateOptions<CompactionOptions>;
