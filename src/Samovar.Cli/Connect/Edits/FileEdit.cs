using Samovar.Cli.Agents;

namespace Samovar.Cli.Connect.Edits;

/// <summary>What one file must say beside what it says already. An absent file is an empty text.</summary>
internal abstract record FileEdit
{
    /// <returns>The text with ours in it; the same again for its own result.</returns>
    /// <exception cref="UsageException">The text cannot be read, or says the same in a form that is left alone.</exception>
    public abstract string Apply(string text);

    /// <summary>Takes ours out again, whatever else has been written since.</summary>
    /// <param name="original">The text as it was before.</param>
    /// <exception cref="UsageException">The text cannot be read.</exception>
    public abstract string Revert(string text, string original);

    /// <summary>Whether nothing of anybody is left in it.</summary>
    public virtual bool IsNothing(string text) => string.IsNullOrWhiteSpace(text);
}

/// <summary>A file that is ours alone.</summary>
internal sealed record WholeFile(string Content) : FileEdit
{
    public override string Apply(string text) => Content;
    public override string Revert(string text, string original) => original;
}
