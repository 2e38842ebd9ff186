namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Where a parser says what it reads in a model's output.</summary>
internal interface IOutputSink
{
    void Text(ReadOnlySpan<char> text);

    void Reasoning(ReadOnlySpan<char> text);

    /// <summary>False when there is no such tool: then what was written is text.</summary>
    bool BeginCall(string name);

    /// <summary>Whether the name of a tool begins so.</summary>
    bool Offers(ReadOnlySpan<char> nameBeginning);

    void Arguments(ReadOnlySpan<char> json);

    /// <param name="isWhole">False for a call whose text broke off.</param>
    void EndCall(bool isWhole = true);
}
