namespace Samovar.Cli.Pull;

/// <summary>One file to download.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="Folder">Where it goes below the folder of models: <c>owner/name</c> or the host.</param>
/// <param name="Name">Its file name.</param>
/// <param name="Bytes">Its size; null where nobody says.</param>
/// <param name="Sha256">Its hash in lower-case hex; null where nobody says.</param>
internal sealed record ModelFile(Uri Address, string Folder, string Name, long? Bytes, string? Sha256);
