namespace Samovar.Gateway.Wire;

/// <summary>A conversation and the one that set it to work, by names that say nothing of them.</summary>
internal sealed record Lineage(string Session, string? Parent);
