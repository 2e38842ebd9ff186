using Samovar.Protocol.Json;
using Samovar.Protocol.Translation;

namespace Samovar.Protocol.Chat;

/// <summary>What was read of a chat request so far.</summary>
internal sealed class ChatDraft
{
    public RequestDraft Request { get; } = new();
    public bool HasMessages { get; set; }
    public bool IncludesUsage { get; set; }
    public bool HasStreamOptions { get; set; }
    public bool WantsLogprobs { get; set; }
    public int? TopLogprobs { get; set; }

    /// <summary>The newer of the two names for it counts.</summary>
    public RawJson OutputLimit { get; set; }
    public string OutputLimitName { get; set; } = ChatWords.NewerLimit;
    public RawJson Format { get; set; }

    /// <summary>What <c>reasoning_effort</c> says counts before what <c>reasoning</c> means.</summary>
    public string? Effort { get; set; }
    public string? RoutersEffort { get; set; }
    public RawJson Verbosity { get; set; }
}
