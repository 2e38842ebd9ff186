namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Where a parser says what it reads in a model's output.</summary>
internal interface IOutputSink
{
    void Text(ReadOnlySpan<char> text);

    void Reasoning(ReadOnlySpan<char> text);

    /// <summary>A message ended: what comes next is another, also where it is of the same kind.</summary>
    void EndMessage() { }

    /// <summary>False when there is no such tool: then what was written is text.</summary>
    bool BeginCall(string name);

    /// <inheritdoc cref="BeginCall(string)"/>
    /// <param name="name">As the model wrote it.</param>
    /// <param name="writtenId">The id that the model gave the call; null where it gave none.</param>
    bool BeginCall(string name, string? writtenId) => BeginCall(name);

    /// <summary>Whether the name of a tool begins so.</summary>
    bool Offers(ReadOnlySpan<char> nameBeginning);

    /// <summary>Whether there is a tool of this name, also where it may not be called.</summary>
    bool IsOffered(string name) => Offers(name);

    /// <summary>The types of a tool's arguments.</summary>
    ArgumentTypes TypesOf(string name) => ArgumentTypes.Unknown;

    void Arguments(ReadOnlySpan<char> json);

    /// <param name="isWhole">False for a call whose text broke off.</param>
    void EndCall(bool isWhole = true);
}
