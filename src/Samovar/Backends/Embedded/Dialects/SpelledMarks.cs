using System.Text;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Cuts marks that a model spells in ordinary tokens, so that a parser takes them for the words that they are.</summary>
/// <remarks>What the parser reads is sent through <see cref="UncutSink"/>, which takes the cuts out.</remarks>
internal sealed class SpelledMarks(MarkTokens marks)
{
    private readonly StringBuilder _newest = new(); // ordinary text, as long as a mark may be

    /// <summary>The text of a token, with a cut in each mark that comes to its end in it.</summary>
    public string Cut(int token, string text)
    {
        if (marks.IsEmpty) return text;
        if (marks.Contains(token))
        {
            _newest.Clear();
            return text;
        }
        StringBuilder? cut = null;
        for (var at = 0; at < text.Length; at++)
        {
            _newest.Append(text[at]);
            if (_newest.Length > marks.LongestMark) _newest.Remove(0, _newest.Length - marks.LongestMark);
            var isSpelled = marks.EndsWithMark(_newest.ToString());
            if (isSpelled) (cut ??= new StringBuilder(text, 0, at, text.Length + 8)).Append(HostMarks.Cut);
            cut?.Append(text[at]);
        }
        return cut?.ToString() ?? text;
    }
}

/// <summary>Takes cuts out of what a parser sends.</summary>
internal sealed class UncutSink(IOutputSink inner) : IOutputSink
{
    public void Text(ReadOnlySpan<char> text) => inner.Text(Uncut(text));

    public void Reasoning(ReadOnlySpan<char> text) => inner.Reasoning(Uncut(text));

    public void EndMessage() => inner.EndMessage();

    public bool BeginCall(string name) => inner.BeginCall(name);

    public bool BeginCall(string name, string? writtenId) => inner.BeginCall(name, writtenId);

    public bool Offers(ReadOnlySpan<char> nameBeginning) => inner.Offers(nameBeginning);

    public bool IsOffered(string name) => inner.IsOffered(name);

    public ArgumentTypes TypesOf(string name) => inner.TypesOf(name);

    public void Arguments(ReadOnlySpan<char> json) => inner.Arguments(Uncut(json));

    public void EndCall(bool isWhole = true) => inner.EndCall(isWhole);

    private static ReadOnlySpan<char> Uncut(ReadOnlySpan<char> text) =>
        text.Contains(HostMarks.Cut) ? text.ToString().Replace(HostMarks.Cut.ToString(), "", StringComparison.Ordinal) : text;
}
