using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Conversations;

/// <summary>Bounds of conversations, which have no age.</summary>
public sealed class ConversationOptions
{
    public const string Section = "Conversations";

    /// <summary>Conversations of one tenant; one more is refused.</summary>
    [Range(1L, 100_000_000L)] public long CountMax { get; set; } = 100_000;

    /// <summary>Items of one conversation; what would pass it is refused.</summary>
    [Range(1, 1_000_000)] public int ItemsMax { get; set; } = 50_000;

    /// <summary>How long a conversation stays locked by a server that died at work on it, where no row of a node says so sooner; one that
    /// lives keeps its lock.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")] public TimeSpan LockMax { get; set; } = TimeSpan.FromMinutes(1);
}

[OptionsValidator] public sealed partial class ConversationOptionsValidator : IValidateOptions<ConversationOptions>;
