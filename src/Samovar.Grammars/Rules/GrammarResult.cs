namespace Samovar.Grammars.Rules;

/// <summary>What became of a schema. A closed union; the paths begin with the name of the request's parameter.</summary>
internal abstract record GrammarResult
{
    private GrammarResult() { }

    internal sealed record Compiled(GrammarText Grammar) : GrammarResult;

    /// <summary>The schema is valid, but asks for what no grammar here can hold a model to.</summary>
    internal sealed record Unsupported(string Path, string Keyword) : GrammarResult;

    internal sealed record Invalid(string Path, string Reason) : GrammarResult
    {
        /// <summary>Whether the schema is written well: it costs too much, has no end, or no value can pass it.</summary>
        public bool IsBeyond { get; init; }
    }
}

/// <summary>Carries a result that is not a grammar out of the depth of a schema; never leaves this folder.</summary>
internal sealed class SchemaFaultException(GrammarResult result) : Exception
{
    public GrammarResult Result => result;

    public static SchemaFaultException Unsupported(string path, string keyword) => new(new GrammarResult.Unsupported(path, keyword));

    public static SchemaFaultException Invalid(string path, string reason) => new(new GrammarResult.Invalid(path, reason));

    /// <inheritdoc cref="GrammarResult.Invalid.IsBeyond"/>
    public static SchemaFaultException Beyond(string path, string reason) =>
        new(new GrammarResult.Invalid(path, reason) { IsBeyond = true });
}
