namespace Samovar.Cli.Pull;

/// <summary>What somebody wants to pull.</summary>
/// <param name="Source">As it was typed.</param>
/// <param name="Hub">The hub's address, with a slash at its end.</param>
/// <param name="Folder">Where models are kept.</param>
/// <param name="Sha256">In lower-case hex; null: as the hub says.</param>
/// <param name="Token">Of the hub; null: none.</param>
internal sealed record PullWanted(string Source, Uri Hub, string Folder, string? Sha256, string? Token);
