namespace Samovar.Engine;

/// <summary>What is known of the loaded model and of the engine's layout for it.</summary>
public sealed record ModelFacts
{
    public required string Name { get; init; }
    public required string Path { get; init; }
    public required string Architecture { get; init; }

    /// <summary>Changes whenever state of one cannot serve the other: file hash, vocabulary, KV types, context parameters, library
    /// version.</summary>
    public required string Identity { get; init; }
    public required long Parameters { get; init; }
    public required int TrainedContext { get; init; }

    /// <summary>Most tokens of one sequence.</summary>
    public required int ContextTokens { get; init; }
    public required int Streams { get; init; }

    /// <summary>Bytes that a token takes in a stream's cells.</summary>
    public required int StateBytesPerToken { get; init; }

    /// <summary>Bytes that a stream takes whatever its length: its recurrent state.</summary>
    public long StateBytesPerSequence { get; init; }

    /// <summary>How it remembers what it has read.</summary>
    public MemoryKind MemoryKind { get; init; }

    /// <summary>Whether prompts should say which of their places are worth keeping: what is behind a place cannot always be cut
    /// off.</summary>
    public bool WantsMarks { get; init; }

    /// <summary>The GGUF's own chat template, as text.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Chat templates that the GGUF has beside it, by name, such as <c>tool_use</c>.</summary>
    public IReadOnlyDictionary<string, string> NamedTemplates { get; init; } =
        new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>How the file's makers would choose its tokens.</summary>
    public SuggestedSampling Sampling { get; init; } = SuggestedSampling.None;

    /// <summary>Whether any tail can be cut off; false for recurrent and sliding-window models, which go back to checkpoints.</summary>
    public required bool CanTruncate { get; init; }

    /// <summary>Tokens of a draft; 0 where the model's state cannot be cut, or drafts are off.</summary>
    public int DraftTokens { get; init; }
    public required string LibraryVersion { get; init; }

    /// <summary>What computes it.</summary>
    public DeviceFacts Device { get; init; } = new();
}
