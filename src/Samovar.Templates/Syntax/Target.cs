namespace Samovar.Templates.Syntax;

/// <summary>What a <c>set</c> or <c>for</c> writes to.</summary>
internal abstract record Target
{
    private Target() { }

    internal sealed record Name(string Identifier) : Target;

    internal sealed record NamespaceAttribute(string Namespace, string Identifier) : Target;

    internal sealed record Several(Target[] Parts) : Target;
}
