using Samovar.Cli.Agents;

namespace Samovar.Cli.Connect.Edits;

/// <summary>What one file must say beside what it says already. An absent file is an empty text.</summary>
internal abstract record FileEdit
{
    /// <returns>The text with ours in it; the same again for its own result.</returns>
    /// <exception cref="UsageException">The text cannot be read, or says the same in a form that is left alone.</exception>
    public abstract string Apply(string text);

    /// <summary>Ours in a text that has them already, and that others have written to since: what they wrote stays.</summary>
    /// <param name="written">The text as it was with ours and nothing that came since; null where that is not known.</param>
    /// <param name="next">The same as it is to be.</param>
    public abstract string Renew(string text, string? written, string next);

    /// <summary>Takes ours out again, whatever else has been written since.</summary>
    /// <param name="original">The text as it was before.</param>
    /// <param name="written">The same with ours in it; null where that is not known.</param>
    /// <exception cref="UsageException">The text cannot be read.</exception>
    public abstract string Revert(string text, string original, string? written = null);

    /// <summary>Whether nothing of anybody is left in it.</summary>
    public virtual bool IsNothing(string text) => string.IsNullOrWhiteSpace(text);
}

/// <summary>A file that is ours alone.</summary>
internal sealed record WholeFile(string Content) : FileEdit
{
    public override string Apply(string text) => Content;
    public override string Renew(string text, string? written, string next) => Content;

    /// <summary>What somebody has made of it is theirs.</summary>
    public override string Revert(string text, string original, string? written = null) => original.Length == 0 ? text
        : throw new UsageException("it was changed since, and there was another before: remove it, or move it away");
}
